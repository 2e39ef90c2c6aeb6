#include <stdlib.h>
#include <string.h>

#include "model/files/verify.h"
#include "registry/registry_file.h"
#include "tool.h"

static int write_signature(const char *key, const struct registry_file *registry)
{
    const vkv_log log = tool_log();
    struct output_file file = {0};
    char text[SIGNATURE_TEXT_SIZE], path[sizeof(registry->path) + 8];

    if (verify_sign(&log, key, registry->bytes, registry->n, text))
        return EXIT_FAILED;
    snprintf(path, sizeof(path), "%s.sig", registry->path);
    if (!output_open(&file, path))
        return EXIT_FAILED;
    fprintf(file.stream, "%s\n", text);
    const bool is_good = output_finish(&file);
    output_discard(&file);
    if (is_good)
        printf("%s\n", path);
    return is_good ? 0 : EXIT_FAILED;
}

int command_sign(int argc, char **argv)
{
    const char *key = NULL, *path = NULL;
    struct registry_file registry;

    for (int i = 0; i < argc; i++) {
        if (take_option(argc, argv, &i, "--key", NULL, &key))
            continue;
        if (argv[i][0] == '-' || path)
            return tool_unexpected("sign", argv[i]);
        path = argv[i];
    }
    if (!key)
        return tool_usage("sign wants --key PRIVATE.pem");
    const int exit_code = registry_file_read(path, false, &registry) ? write_signature(key, &registry) : EXIT_FAILED;
    registry_file_free(&registry);
    return exit_code;
}

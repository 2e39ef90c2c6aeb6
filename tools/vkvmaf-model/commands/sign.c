#include <stdlib.h>
#include <string.h>

#include "model/files/verify.h"
#include "registry/registry_file.h"
#include "arguments.h"
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
    const char *key = NULL;
    static const struct option rows[] = {{"key", 0, 0, .value = "a value", .kind = TAKE_TEXT}};
    struct arguments arguments = {.command = "sign", .options = {ROWS(rows, &key)}, .most = 1};
    struct registry_file registry;

    if (arguments_read(&arguments, argc, argv))
        return EXIT_USAGE;
    if (!key)
        return tool_usage("sign wants --key PRIVATE.pem");
    const int exit_code =
        registry_file_read(arguments.operands[0], false, &registry) ? write_signature(key, &registry) : EXIT_FAILED;
    registry_file_free(&registry);
    return exit_code;
}

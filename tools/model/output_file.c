#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

bool output_open(struct output_file *file, const char *path)
{
    const struct output_file to_stdout = {.stream = stdout};
    int fd = -1;

    *file = to_stdout;
    if (!path || strcmp(path, "/dev/stdout") == 0)
        return true;
    /* Pipes and devices are written, not replaced. */
    struct stat status;
    *file = (struct output_file){.path = path};
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        file->stream = fopen(path, "wb");
        if (file->stream)
            return true;
        tool_fail("'%s' cannot be written: %s", path, strerror(errno));
        *file = (struct output_file){0};
        return false;
    }
    /* Beside the target, with a short name: the target's own may be as long as names can be. */
    const char *slash = strrchr(path, '/');
    const int folder_n = slash ? (int)(slash + 1 - path) : 0;
    const size_t room = (size_t)folder_n + sizeof(".vkvmaf-XXXXXX");
    file->temporary = malloc(room);
    if (file->temporary) {
        snprintf(file->temporary, room, "%.*s.vkvmaf-XXXXXX", folder_n, path);
        fd = mkstemp(file->temporary);
    }
    /* mkstemp makes a file for the user alone; give it what an ordinary new file gets. */
    const mode_t mask = umask(0);
    umask(mask);
    if (fd >= 0 && fchmod(fd, 0666 & ~mask) == 0)
        file->stream = fdopen(fd, "wb");
    if (file->stream)
        return true;
    const int error = errno;
    tool_fail("'%s' cannot be written: %s", path, strerror(error));
    if (fd >= 0) {
        close(fd);
        unlink(file->temporary);
    }
    free(file->temporary);
    *file = (struct output_file){0};
    return false;
}

bool output_finish(struct output_file *file)
{
    const char *shown = file->path ? file->path : "stdout";
    bool is_good = !ferror(file->stream);

    if (fflush(file->stream))
        is_good = false;
    if (file->path) {
        if (fclose(file->stream))
            is_good = false;
        file->stream = NULL;
        if (is_good && file->temporary && rename(file->temporary, file->path))
            is_good = false;
    }
    if (!is_good)
        tool_fail("'%s' cannot be written: %s", shown, strerror(errno));
    else {
        free(file->temporary);
        file->temporary = NULL;
    }
    return is_good;
}

void output_discard(struct output_file *file)
{
    if (file->path && file->stream)
        fclose(file->stream);
    if (file->temporary) {
        unlink(file->temporary);
        free(file->temporary);
    }
    *file = (struct output_file){0};
}

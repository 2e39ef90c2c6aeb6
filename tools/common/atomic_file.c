#include "common/atomic_file.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/target.h"

int atomic_file_open(struct atomic_file *file, const char *path)
{
    *file = (struct atomic_file){.path = path};
    file->fd = target_is_direct(path) ? target_open(path) : target_create_beside(path, &file->temporary);
    return file->fd < 0 ? errno : 0;
}

int atomic_file_close(struct atomic_file *file)
{
    const int failed = file->fd >= 0 && close(file->fd);
    file->fd = -1;
    return failed ? errno : 0;
}

int atomic_file_name(struct atomic_file *file)
{
    if (file->temporary && target_rename(file->temporary, file->path))
        return errno;
    free(file->temporary);
    file->temporary = NULL;
    return 0;
}

void atomic_file_discard(struct atomic_file *file)
{
    atomic_file_close(file);
    if (file->temporary)
        unlink(file->temporary);
    free(file->temporary);
    file->temporary = NULL;
}

#include "commands/run/program.h"

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIBRARY "libvmaf.so."
#define SONAME LIBRARY "3"
#define HEADERS_MAX 64

/* ---- the file --------------------------------------------------------------------------------------------------- */

static bool is_program(const char *path)
{
    struct stat st;
    return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

/* As execvp: an empty name of a folder is the current one, and without PATH there are two. */
static bool find(const char *name, char path[PROGRAM_PATH_ROOM])
{
    const char *const search = getenv("PATH");
    if (strchr(name, '/'))
        return snprintf(path, PROGRAM_PATH_ROOM, "%s", name) < PROGRAM_PATH_ROOM && is_program(path);
    for (const char *folder = search ? search : "/bin:/usr/bin"; folder;) {
        const size_t n = strcspn(folder, ":");
        const int written = snprintf(path, PROGRAM_PATH_ROOM, "%.*s%s%s", (int)n, folder, n ? "/" : "./", name);
        if (written > 0 && written < PROGRAM_PATH_ROOM && is_program(path))
            return true;
        folder = folder[n] ? folder + n + 1 : NULL;
    }
    return false;
}

/* The kernel gives it other rights than the caller's; its loader ignores LD_LIBRARY_PATH. */
static bool has_other_rights(const char *path)
{
    struct stat st;
    if (stat(path, &st))
        return false;
    return (st.st_mode & S_ISUID && st.st_uid != geteuid()) || (st.st_mode & S_ISGID && st.st_gid != getegid());
}

static bool read_at(int fd, void *bytes, size_t n, uint64_t offset)
{
    return offset <= INT64_MAX && pread(fd, bytes, n, (off_t)offset) == (ssize_t)n;
}

/* Whether it is a program of this machine's word size. */
static bool read_header(int fd, Elf64_Ehdr *header)
{
    return read_at(fd, header, sizeof(*header), 0) && !memcmp(header->e_ident, ELFMAG, SELFMAG) &&
           header->e_ident[EI_CLASS] == ELFCLASS64 && header->e_phentsize == sizeof(Elf64_Phdr) &&
           header->e_phnum <= HEADERS_MAX;
}

/* Reads the path of the loader of its libraries; "": it has none. */
static enum program_kind read_loader(int fd, char loader[PROGRAM_PATH_ROOM])
{
    Elf64_Ehdr header;
    Elf64_Phdr part;
    *loader = 0;
    if (!read_header(fd, &header))
        return PROGRAM_UNKNOWN;
    for (uint64_t i = 0; i < header.e_phnum; i++) {
        if (!read_at(fd, &part, sizeof(part), header.e_phoff + i * sizeof(part)))
            return PROGRAM_UNKNOWN;
        if (part.p_type != PT_INTERP)
            continue;
        if (!part.p_filesz || part.p_filesz >= PROGRAM_PATH_ROOM || !read_at(fd, loader, part.p_filesz, part.p_offset))
            return PROGRAM_UNKNOWN;
        loader[part.p_filesz] = 0;
        return PROGRAM_WITHOUT;
    }
    return PROGRAM_STATIC;
}

/* ---- its libraries ---------------------------------------------------------------------------------------------- */

static bool is_in(const char *folder, const char *path)
{
    const size_t n = strlen(folder);
    return !strncmp(path, folder, n) && path[n] == '/';
}

/* "libvmaf.so.3 => /usr/lib/libvmaf.so.3 (0x7f...)" */
static void take_line(char *line, const char *folder, struct program *program)
{
    char *const name = strstr(line, LIBRARY), *const arrow = name ? strstr(name, " => ") : NULL;
    if (!arrow)
        return;
    char *const path = arrow + strlen(" => "), *const address = strrchr(path, '(');
    path[address ? (size_t)(address - path) : strcspn(path, "\n")] = 0;
    for (size_t n = strlen(path); n && path[n - 1] == ' '; n--)
        path[n - 1] = 0;
    const bool is_ours = !strncmp(name, SONAME " ", strlen(SONAME " ")) && is_in(folder, path);
    snprintf(program->library, sizeof(program->library), "%.*s", PROGRAM_PATH_ROOM - 1, is_ours ? path : name);
    program->kind = is_ours ? PROGRAM_READY : PROGRAM_OTHER;
}

/* Becomes the loader, which lists what it would load, and runs nothing of the program. */
static void become_loader(const char *loader, const char *path, int to)
{
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (dup2(to, STDOUT_FILENO) >= 0 && dup2(nowhere, STDERR_FILENO) >= 0)
        execl(loader, loader, "--list", path, (char *)NULL);
    _exit(EXIT_FAILURE);
}

static void read_list(int from, const char *folder, struct program *program)
{
    char line[2 * PROGRAM_PATH_ROOM];
    FILE *const list = fdopen(from, "r");
    while (list && fgets(line, sizeof(line), list))
        take_line(line, folder, program);
    if (list)
        fclose(list);
    else
        close(from);
}

static void list_libraries(const char *loader, const char *folder, struct program *program)
{
    int ends[2];
    if (pipe(ends)) {
        program->kind = PROGRAM_UNKNOWN;
        return;
    }
    const pid_t child = fork();
    if (!child)
        become_loader(loader, program->path, ends[1]);
    close(ends[1]);
    read_list(ends[0], folder, program);
    if (child > 0)
        waitpid(child, NULL, 0);
    else
        program->kind = PROGRAM_UNKNOWN;
}

void program_examine(const char *name, const char *folder, struct program *program)
{
    char loader[PROGRAM_PATH_ROOM];
    *program = (struct program){.kind = PROGRAM_MISSING};
    if (!find(name, program->path))
        return;
    program->kind = PROGRAM_PRIVILEGED;
    if (has_other_rights(program->path))
        return;
    const int fd = open(program->path, O_RDONLY | O_CLOEXEC);
    program->kind = fd < 0 ? PROGRAM_UNKNOWN : read_loader(fd, loader);
    if (fd >= 0)
        close(fd);
    if (program->kind == PROGRAM_WITHOUT)
        list_libraries(loader, folder, program);
}

#include "commands/run/run.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/run/program.h"
#include "common/message.h"
#include "common/model_path.h"

#define LIBRARY "/libvmaf.so.3"
#define SEARCH "LD_LIBRARY_PATH"
#define FFMPEG "ffmpeg"
#define EXIT_NOT_RUN 126
#define EXIT_NOT_FOUND 127

/* ---- where the library is --------------------------------------------------------------------------------------- */

static bool has_library(const char *folder)
{
    char path[PROGRAM_PATH_ROOM + sizeof(LIBRARY)];
    snprintf(path, sizeof(path), "%s" LIBRARY, folder);
    return !access(path, R_OK);
}

/* Beside this program, or where it is installed. Returns 0, or -1 after a message. */
static int find_library(char folder[PROGRAM_PATH_ROOM])
{
    char beside[PROGRAM_PATH_ROOM];
    const bool is_beside = model_path_beside("/" VKVMAF_LIBVMAF_BESIDE, beside, sizeof(beside));
    char *const real = is_beside && has_library(beside) ? realpath(beside, NULL) : NULL;
    const int n = snprintf(folder, PROGRAM_PATH_ROOM, "%s", real ? real : VKVMAF_LIBVMAF_DIR);
    free(real);
    if (n < PROGRAM_PATH_ROOM && has_library(folder))
        return 0;
    message_line("there is no" LIBRARY " in %s or %s; it is built and installed with vkvmaf", is_beside ? beside : "",
                 VKVMAF_LIBVMAF_DIR);
    return -1;
}

static int no_memory(void)
{
    return message_no_memory("for the environment");
}

/* The folder is searched first, for whatever the program starts, too. */
static int set_search(const char *folder)
{
    const char *const before = getenv(SEARCH);
    const size_t room = strlen(folder) + (before ? strlen(before) : 0) + 2;
    char *const folders = malloc(room);
    if (!folders)
        return no_memory();
    snprintf(folders, room, "%s%s%s", folder, before && *before ? ":" : "", before ? before : "");
    const int failed = setenv(SEARCH, folders, 1);
    free(folders);
    return failed ? no_memory() : 0;
}

/* ---- what the program loads ------------------------------------------------------------------------------------- */

static int refuse(const struct program *program, const char *why)
{
    message_line("%s: %s; a program that loads libvmaf.so.3 was expected (--force runs it all the same)", program->path,
                 why);
    return -1;
}

static int judge(const char *name, const struct program *program)
{
    switch (program->kind) {
    case PROGRAM_READY: return 0;
    case PROGRAM_MISSING:
        message_line("%s: is not found; a program that starts ffmpeg needs one in PATH that loads libvmaf.so.3 "
                     "(--force runs it all the same)",
                     name);
        return -1;
    case PROGRAM_STATIC: return refuse(program, "is linked statically, with a libvmaf of its own or with none");
    case PROGRAM_OTHER:
        message_line("%s: loads another libvmaf: %s; libvmaf.so.3 of the search path was expected (--force runs it all "
                     "the same)",
                     program->path, program->library);
        return -1;
    case PROGRAM_WITHOUT: return refuse(program, "is built without libvmaf, as Debian's FFmpeg is");
    case PROGRAM_PRIVILEGED: return refuse(program, "has the rights of another user, and ignores " SEARCH);
    case PROGRAM_UNKNOWN: break;
    }
    return refuse(program, "is no program whose libraries can be listed");
}

static bool is_named(const char *name, const char *program)
{
    const char *const slash = strrchr(name, '/');
    return !strcmp(slash ? slash + 1 : name, program);
}

/* Whether it would load libvmaf itself, and not this one. */
static bool loads_another(const struct program *program)
{
    return program->kind == PROGRAM_OTHER || program->kind == PROGRAM_PRIVILEGED;
}

/* A program without libvmaf may be one that starts ffmpeg. */
static int check(const char *name, const char *folder)
{
    struct program program, ffmpeg;
    program_examine(name, folder, &program);
    if (program.kind == PROGRAM_READY || program.kind == PROGRAM_MISSING)
        return 0; /* execvp says what is missing */
    if (is_named(name, FFMPEG) || loads_another(&program))
        return judge(name, &program);
    program_examine(FFMPEG, folder, &ffmpeg);
    return judge(FFMPEG, &ffmpeg);
}

/* ---- the command ------------------------------------------------------------------------------------------------ */

static int become(char **program)
{
    signal(SIGXFSZ, SIG_DFL);
    execvp(program[0], program);
    const int error = errno;
    message_line("%s: cannot be run: %s", program[0], strerror(error));
    return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUN;
}

int run_program_command(const struct settings *settings)
{
    char folder[PROGRAM_PATH_ROOM];
    const char *const device = settings->job.device.select;
    if (find_library(folder))
        return EXIT_USAGE;
    if (set_search(folder) || (device && setenv("VKVMAF_DEVICE", device, 1)))
        return EXIT_FAILURE;
    if (!settings->forces && check(settings->program[0], folder))
        return EXIT_USAGE;
    return become(settings->program);
}

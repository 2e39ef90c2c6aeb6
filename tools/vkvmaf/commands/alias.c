#include "commands/alias.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli_parse.h"
#include "common/message.h"

/* The program's own path, to be freed; NULL where the system does not tell. */
static char *this_program(void)
{
    return realpath("/proc/self/exe", NULL);
}

/* Returns 0 or an errno value. */
static int make_link(const char *program, const char *link)
{
    return symlink(program, link) ? errno : 0;
}

static bool leads_to(const char *link, const char *program)
{
    char *target = realpath(link, NULL);
    const bool same = target && !strcmp(target, program);
    free(target);
    return same;
}

int alias_install_command(const char *folder)
{
    char link[PATH_MAX];
    char *program = this_program();
    const int n = snprintf(link, sizeof(link), "%s/" ALIAS, folder);
    int status = EXIT_FAILURE, error = 0;
    if (!program)
        message_line("the system does not tell where this program is; make the link to it by hand: ln -s");
    else if (n < 0 || (size_t)n >= sizeof(link))
        message_line("--install-alias: the folder's name has more than %d characters", PATH_MAX);
    else if (!(error = make_link(program, link)) || (error == EEXIST && leads_to(link, program)))
        status = EXIT_SUCCESS;
    else
        message_line("%s: cannot be created: %s", link, strerror(error));
    if (status == EXIT_SUCCESS)
        printf("%s -> %s\n", link, program);
    free(program);
    return status;
}

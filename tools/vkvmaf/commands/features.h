/* `vkvmaf --list-features`: the families of features, for people and for the completions of shells. */
#ifndef VKVMAF_COMMANDS_FEATURES_H
#define VKVMAF_COMMANDS_FEATURES_H

/* Returns the exit code. */
int features_command(void);

#endif

/* vkvmaf under the name of libvmaf's tool. */
#ifndef VKVMAF_ALIAS_H
#define VKVMAF_ALIAS_H

/* Makes the link `folder`/vmaf to this program. What is there already stays. Returns the exit status. */
int alias_install_command(const char *folder);

#endif

#include "commands/features.h"

#include <stdio.h>
#include <stdlib.h>

#include "vkvmaf/vkvmaf.h"

/* The name stands at the start of a line: completions take it from there. */
static void print_family(const vkv_family_info *family)
{
    printf("%-11s %s\n", family->name, family->summary);
    for (uint32_t i = 0; i < family->n_options; i++)
        printf("%12s%s=%s: %s; %s\n", "", family->options[i]->name, family->options[i]->default_value,
               family->options[i]->values, family->options[i]->summary);
    printf("%12s", "");
    for (uint32_t c = 0; c < family->n_columns; c++)
        printf("%s%s", c ? " " : "", family->columns[c]);
    printf("\n");
}

int features_command(void)
{
    uint32_t n;
    const vkv_family_info *const *const families = vkv_family_list(&n);
    for (uint32_t i = 0; i < n; i++)
        print_family(families[i]);
    return EXIT_SUCCESS;
}

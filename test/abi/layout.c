/* No member of a struct moves or changes its size, no struct becomes shorter, no constant changes its value. A later
 * header may add members at the end. vkv_log and vkv_semaphore, members of others, keep their sizes. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "layout.h"

static bool same_member(const struct member *old, const struct member *now)
{
    const bool grows = strcmp(old->type, "vkv_log") != 0 && strcmp(old->type, "vkv_semaphore") != 0;
    return !strcmp(old->type, now->type) && !strcmp(old->name, now->name) && old->at == now->at &&
           old->bytes == now->bytes &&
           (grows ? now->type_bytes >= old->type_bytes : now->type_bytes == old->type_bytes);
}

/* What is listed must be all there is: each member begins where the one before ends, but for alignment. */
static int count_gaps(void)
{
    int gaps = 0;
    for (size_t i = 0; i < n_frozen_members; i++) {
        const struct member *const m = &frozen_members[i];
        const bool is_last = i + 1 == n_frozen_members || strcmp(m[1].type, m->type) != 0;
        const size_t end = is_last ? m->type_bytes : m[1].at;
        if (end - (m->at + m->bytes) >= sizeof(void *)) {
            printf("%s: a member behind %s is not listed\n", m->type, m->name);
            gaps++;
        }
    }
    return gaps;
}

int main(void)
{
    int wrong = count_gaps() + (n_frozen_members != n_present_members) + (n_frozen_constants != n_present_constants);
    for (size_t i = 0; i < n_frozen_members && i < n_present_members; i++) {
        const struct member *const old = &frozen_members[i], *const now = &present_members[i];
        if (same_member(old, now))
            continue;
        printf("%s.%s: %zu bytes at %zu of %zu, frozen %zu at %zu of %zu\n", old->type, old->name, now->bytes, now->at,
               now->type_bytes, old->bytes, old->at, old->type_bytes);
        wrong++;
    }
    for (size_t i = 0; i < n_frozen_constants && i < n_present_constants; i++)
        if (frozen_constants[i].value != present_constants[i].value) {
            printf("%s: %ld, frozen %ld\n", frozen_constants[i].name, present_constants[i].value,
                   frozen_constants[i].value);
            wrong++;
        }
    /* A member that has moved must be seen. */
    struct member moved = frozen_members[0];
    moved.at++;
    wrong += same_member(&frozen_members[0], &moved);
    printf("%zu members and %zu constants compared, %d complaints\n", n_frozen_members, n_frozen_constants, wrong);
    return wrong != 0;
}

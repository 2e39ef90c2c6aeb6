/* How a function with something to undo fails. */
#ifndef VKV_COMMON_TRY_H
#define VKV_COMMON_TRY_H

/* Sets `err` to what the call gives; goes to `fail` unless that is VKV_OK. `fail` is the function's only label, undoes
 * what was done, and returns `err`. A function with nothing to undo says `if (err) return err;`. */
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        err = (call);                                                                                                  \
        if (err)                                                                                                       \
            goto fail;                                                                                                 \
    } while (0)

#endif

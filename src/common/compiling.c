#include "common/compiling.h"

#include "common/log.h"

void compiling_tell(struct compiling *compiling, uint32_t n_done, double now)
{
    if (now - compiling->started < COMPILING_QUIET_SECONDS || (compiling->has_told && n_done == compiling->n_told))
        return;
    compiling->has_told = true;
    compiling->n_told = n_done;
    log_line(compiling->log, VKV_LOG_PROGRESS, "compiling kernels for this device%s: %u of %u",
             compiling->is_kept ? ", once" : "", n_done, compiling->n_wanted);
}

void compiling_end(struct compiling *compiling)
{
    if (compiling->has_told)
        log_line(compiling->log, VKV_LOG_PROGRESS, "%s", "");
}

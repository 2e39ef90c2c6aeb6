#include <string.h>

#include "input/convert/scale_to.h"
#include "run/job_parts.h"

/* Opens the other form of the model. Both take the same features, with other options. */
static int take_hfr(struct job *job)
{
    struct measure_request request = job->request->measure;
    request.models[0] = view_model(request.view.view, true);
    measure_close(&job->measure);
    return measure_open(&request, job->session, &job->measure);
}

static int note_model(struct job *job, bool is_hfr)
{
    const struct view_request *const view = &job->request->measure.view;
    const char *const name = strchr(view_model(view->view, is_hfr), '=') + 1, *const word = view_word(view->view);
    const double fps = job->format.fps;
    if (view->hfr != HFR_AUTO)
        return notes_add(&job->notes, 0, "view %s: scored by %s (--hfr %s)", word, name, is_hfr ? "on" : "off");
    if (fps > 0)
        return notes_add(&job->notes, 0, "view %s: scored by %s (%.6g frames per second)", word, name, fps);
    return notes_add(
        &job->notes, 0,
        "view %s: scored by %s (\"%.200s\" does not say its frames per second; from %d on --hfr on is right)", word,
        name, job->paths[0], VIEW_HFR_FPS);
}

/* A size that all were scaled to has square samples. */
static int note_size(struct job *job)
{
    const char *const word = view_word(job->request->measure.view.view);
    const char *const display = view_display(job->request->measure.view.view);
    struct video_format format = job->format;
    struct scale_wish wish;
    if (job->request->input.scale_to.width)
        format.aspect = (struct sample_aspect){1, 1};
    const struct plane_size size = scale_wish_display(display, &wish)
                                       ? scale_wish_size(&wish, &format)
                                       : (struct plane_size){format.width, format.height};
    if (size.width == format.width && size.height == format.height)
        return 0;
    return notes_add(&job->notes, 0,
                     "\"%.200s\" is compared at %ux%u, and view %s is a display of %ux%u, which --scale-to %s fills",
                     job->paths[0], format.width, format.height, word, wish.width, wish.height, display);
}

int job_view(struct job *job)
{
    const struct view_request *const view = &job->request->measure.view;
    const bool is_hfr = view->view && view_is_hfr(view, job->format.fps);
    if (!view->view)
        return 0;
    return (is_hfr && take_hfr(job)) || note_model(job, is_hfr) || note_size(job) ? -1 : 0;
}

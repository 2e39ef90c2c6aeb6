#include <stdio.h>
#include <string.h>

#include "input/convert/scale_to.h"
#include "run/job_parts.h"

#define MODEL_TEXT_ROOM 96

/* Opens the other form of the model. Both take the same features, with other options. */
static int take_hfr(struct job *job)
{
    struct measure_request request = job->request->measure;
    request.models[0] = view_model(request.view.view, true);
    measure_close(&job->measure);
    return measure_open(&request, job->session, &job->measure);
}

/* What the model is for, and which it is. */
static void describe_model(const struct job *job, bool is_hfr, char text[MODEL_TEXT_ROOM])
{
    const uint32_t view = job->request->measure.view.view;
    snprintf(text, MODEL_TEXT_ROOM, "view %s: %s %s", view_word(view),
             job->measure.predicts ? "scored by" : "features of", strchr(view_model(view, is_hfr), '=') + 1);
}

static int note_model(struct job *job, bool is_hfr)
{
    const double fps = job->format.fps;
    char model[MODEL_TEXT_ROOM];
    describe_model(job, is_hfr, model);
    if (job->request->measure.view.hfr != HFR_AUTO)
        return notes_add(&job->notes, 0, "%s (--hfr %s)", model, is_hfr ? "on" : "off");
    if (fps > 0)
        return notes_add(&job->notes, 0, "%s (%.6g frames per second)", model, fps);
    return notes_add(&job->notes, 0, "%s (\"%.200s\" does not say its frames per second; from %d on --hfr on is right)",
                     model, job->paths[0], VIEW_HFR_FPS);
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

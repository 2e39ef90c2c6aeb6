/* A job while it runs, and what its parts do for job.c: job_inputs.c reads the videos, job_files.c compares files,
 * job_images.c has frames on the device, job_frames.c has the loop of frames, job_results.c keeps what comes of it. One
 * thread uses a job. Functions return 0, or -1 after one message, unless they say otherwise. */
#ifndef VKVMAF_RUN_JOB_PARTS_H
#define VKVMAF_RUN_JOB_PARTS_H

#include "input/input.h"
#include "output/progress.h"
#include "output/report/gallery.h"
#include "run/damaged.h"
#include "run/job.h"

#define KEPT_IMAGES 4

/* A frame on the device, until the device has read it. All zero: none. */
struct kept_image {
    struct shared_frame *frame;
    vkv_image *image;
};

struct job {
    const struct job_request *request;
    unsigned n_inputs;
    const char *paths[INPUTS_MAX]; /* the reference first */
    struct video_options options[INPUTS_MAX];
    struct video_input *inputs[INPUTS_MAX];
    struct video_target targets[INPUTS_MAX];
    struct video_format format;              /* format of the pictures that are compared */
    struct video_format formats[INPUTS_MAX]; /* the same but for chroma, which each keeps */
    uint64_t start, n_wanted;                /* frames passed over in all, and the most that are scored */
    struct pairs pairs;
    struct job_groups *groups;
    struct notes notes;
    struct damaged_pairs damaged;
    struct session *session;
    vkv_device *device; /* the session's device */
    bool device_failed;
    struct measure measure;
    vkv_scorer *scorer; /* NULL: nothing needs one */
    double *rows;       /* rows of frame 0, one per distorted video; then of frame 1 */
    size_t n_rows, rows_room;
    size_t n_frames;
    double started, elapsed, progress_shown;
    bool shows_progress;
    struct progress progress;
    struct gallery *gallery; /* NULL: not wanted */
    struct kept_image kept[INPUTS_MAX][KEPT_IMAGES];
    unsigned n_pushed; /* frames of which some were images */
};

/* job_inputs.c */
/* Opens the videos, waits for their formats, and decides how they are made comparable. After measure_open;
 * job_inputs_close is due in all cases. */
int job_inputs_open(struct job *job);
/* Decides which frames are compared. -1 without a message when the encodes need runs of their own. */
int job_inputs_pair(struct job *job);
/* Whether frames of some input can be scored where they lie, on FFmpeg's device. */
bool job_inputs_can_stay(const struct job *job);
/* Lets them, since the library has that device. Before job_inputs_start. */
void job_inputs_stay(struct job *job);
int job_inputs_start(struct job *job);
/* Reads frame `number` of all. 1: there they are, until job_inputs_release; 0: the end; -1: failed. */
int job_inputs_next(struct job *job, uint64_t number, struct video_frame *frames);
int job_inputs_release(struct job *job);
/* Reads what comes after the last pair, too, where the end is that of the videos: it may be damaged. */
int job_inputs_check_ends(struct job *job);
/* How many frames will be scored; 0: not known. */
uint64_t job_inputs_expected(const struct job *job);
/* Whether all of them are what libvmaf's tool can read: y4m and raw video. */
bool job_inputs_are_samples(const struct job *job);
void job_inputs_close(struct job *job);

/* job_view.c: chooses the form of a view's model by the frame rate. Says in the notes which it is, and that a picture
 * does not fill the view's display. */
int job_view(struct job *job);

/* job_files.c. Refuses two readers of one pipe, which would wait for ever. */
int job_check_pipes(const struct job *job);

/* job_frames.c: every frame, from the first to the last result. */
int job_frames_score(struct job *job);

/* job_images.c: pushes frames of which some lie on the device; `pictures` are those in memory. As vkv_scorer_push. */
int job_images_push(struct job *job, const struct video_frame *frames, const vkv_picture *pictures);
/* Before the device is closed. */
void job_images_close(struct job *job);

/* job_results.c */
int job_results_open(struct job *job);
/* Takes the results that are there; after a flush all of them. Returns how many, or -1. */
int job_results_take(struct job *job);
/* Moves everything into *log (score_log_free), once all frames have been scored. */
int job_results_log(struct job *job, struct score_log *log);
void job_results_close(struct job *job);

/* job.c */
/* The number of distorted videos. */
unsigned job_n_distorted(const struct job *job);
/* library_result for a call that works on the device. */
int job_device_result(struct job *job, int code, const char *call, unsigned errors_before);

#endif

#include "golden/clip.h"

#include <stdlib.h>
#include <string.h>

const struct golden_clip golden_clips[N_GOLDEN_CLIPS] = {
    {"hall_352x288_8bit", "hall_352x288_8bit_ref.yuv.xz", "hall_352x288_8bit_dis.yuv.xz", 352, 288, 8},
    {"archer_1920x1080_8bit", "archer_1920x1080_8bit_ref.yuv.xz", "archer_1920x1080_8bit_dis.yuv.xz", 1920, 1080, 8},
    {"sparks_480x270_10bit", "sparks_480x270_10bit_ref.yuv.xz", "sparks_480x270_10bit_dis.yuv.xz", 480, 270, 10},
    {"src01_576x324_10bit", "src01_576x324_10bit_ref.yuv.xz", "src01_576x324_10bit_dis.yuv.xz", 576, 324, 10},
    {"seeking_720x480_x264_crf30", "seeking_720x480_ref.mp4", "seeking_720x480_x264_crf30.mp4", 720, 480, 8},
    {"seeking_720x480_x264_crf38", "seeking_720x480_ref.mp4", "seeking_720x480_x264_crf38.mp4", 720, 480, 8},
    {"seeking_720x480_x264_crf45", "seeking_720x480_ref.mp4", "seeking_720x480_x264_crf45.mp4", 720, 480, 8},
    {"seeking_720x480_x265_half", "seeking_720x480_ref.mp4", "seeking_720x480_x265_half.mp4", 720, 480, 8},
};

/* Frames of the mp4 clips that have expected values. */
#define FRAME_LIMIT "60"

const struct golden_clip *golden_clip_find(const char *name)
{
    for (int i = 0; i < N_GOLDEN_CLIPS; i++)
        if (strcmp(golden_clips[i].name, name) == 0)
            return &golden_clips[i];
    return NULL;
}

/* ---- feature files ---------------------------------------------------------------------------------------------- */

#define COLUMNS                                                                                                        \
    "frame,adm2,vif_scale0,vif_scale1,vif_scale2,vif_scale3,motion2,"                                                  \
    "adm_scale0,adm_scale1,adm_scale2,adm_scale3,vmaf\n"

/* Eleven numbers behind the frame index, in the order of COLUMNS. */
static int parse_row(const char *line, unsigned long frame, double values[11])
{
    char *end;
    if (strtoul(line, &end, 10) != frame)
        return -1;
    for (int i = 0; i < 11; i++) {
        if (*end != ',')
            return -1;
        const char *start = end + 1;
        values[i] = strtod(start, &end);
        if (end == start)
            return -1;
    }
    return *end == '\n' ? 0 : -1;
}

static int read_rows(FILE *file, struct golden_row **rows, size_t *n_rows)
{
    char line[1024];
    struct golden_row *list = NULL;
    size_t n = 0;
    if (!fgets(line, sizeof(line), file) || strcmp(line, COLUMNS))
        return -1;
    while (fgets(line, sizeof(line), file)) {
        double v[11];
        struct golden_row *longer = realloc(list, (n + 1) * sizeof(*list));
        if (!longer || parse_row(line, n, v)) {
            free(longer ? longer : list);
            return -1;
        }
        list = longer;
        list[n++] = (struct golden_row){v[0], {v[1], v[2], v[3], v[4]}, v[5], {v[6], v[7], v[8], v[9]}, v[10]};
    }
    *rows = list;
    *n_rows = n;
    return n ? 0 : -1;
}

int golden_rows_read(const char *shared, const char *name, struct golden_row **rows, size_t *n_rows)
{
    char path[1024];
    snprintf(path, sizeof(path), "%s/golden/features/%s.csv", shared, name);
    FILE *file = fopen(path, "r");
    if (!file)
        return 1;
    const int err = read_rows(file, rows, n_rows);
    if (err)
        fprintf(stderr, "%s: not a feature file\n", path);
    fclose(file);
    return err;
}

/* ---- pictures --------------------------------------------------------------------------------------------------- */

static int ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static FILE *decoder(const char *shared, const char *file)
{
    char command[2048];
    if (strchr(shared, '\'')) {
        fprintf(stderr, "cannot quote %s\n", shared);
        return NULL;
    }
    if (ends_with(file, ".xz"))
        snprintf(command, sizeof(command), "xz -dc '%s/clips/%s'", shared, file);
    else
        snprintf(command, sizeof(command),
                 "ffmpeg -nostdin -v error -i '%s/clips/%s' -f rawvideo -pix_fmt yuv420p "
                 "-frames:v " FRAME_LIMIT " -",
                 shared, file);
    return popen(command, "r");
}

int clip_pair_open(struct clip_pair *pair, const char *shared, const struct golden_clip *clip)
{
    const size_t sample_bytes = clip->bit_depth > 8 ? 2 : 1;
    const size_t chroma = (size_t)((clip->width + 1) / 2) * ((clip->height + 1) / 2);
    *pair = (struct clip_pair){.clip = clip, .stride_bytes = (size_t)clip->width * sample_bytes};
    pair->luma_bytes = pair->stride_bytes * clip->height;
    pair->frame_bytes = pair->luma_bytes + 2 * chroma * sample_bytes;
    pair->ref = malloc(pair->frame_bytes);
    pair->dist = malloc(pair->frame_bytes);
    pair->ref_pipe = decoder(shared, clip->ref);
    pair->dist_pipe = decoder(shared, clip->dist);
    if (pair->ref && pair->dist && pair->ref_pipe && pair->dist_pipe)
        return 0;
    clip_pair_close(pair);
    return -1;
}

int clip_pair_next(struct clip_pair *pair)
{
    const size_t ref = fread(pair->ref, 1, pair->frame_bytes, pair->ref_pipe);
    const size_t dist = fread(pair->dist, 1, pair->frame_bytes, pair->dist_pipe);
    if (ref == pair->frame_bytes && dist == pair->frame_bytes)
        return 1;
    return ref % pair->frame_bytes || dist % pair->frame_bytes ? -1 : 0;
}

void clip_pair_close(struct clip_pair *pair)
{
    if (pair->ref_pipe)
        pclose(pair->ref_pipe);
    if (pair->dist_pipe)
        pclose(pair->dist_pipe);
    free(pair->ref);
    free(pair->dist);
    *pair = (struct clip_pair){0};
}

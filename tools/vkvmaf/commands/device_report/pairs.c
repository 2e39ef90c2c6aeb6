/* Made pairs of pictures, column by column against the CPU reference: what a caller of the library gets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/device_report/part.h"
#include "commands/device_report/v1_options.h"
#include "commands/frames.h"
#include "common/message.h"
#include "run/extractor.h"

/* ---- what is compared ---- */

enum asked {
    ASKED_DEFAULT, /* nothing: the library's choice */
    ASKED_NEG,     /* no credit for enhancement */
    ASKED_BOTH,    /* the default and NEG in one scorer */
    ASKED_ALL,     /* all columns of all families that have kernels */
    ASKED_V1,      /* what VMAF v1 takes of these families, seen as at home */
    ASKED_V1_BOTH, /* the same of 2160 rows and 50 frames a second, beside all columns of the default */
    N_ASKED
};

static const char *const asked_words[N_ASKED] = {"default features", "NEG", "default and NEG",
                                                 "all columns",      "v1",  "v1 and all columns"};
static const char *const kind_words[] = {[FRAMES_FILM] = "film", [FRAMES_NOISE] = "noise", [FRAMES_BANDS] = "bands"};

struct pair_case {
    uint32_t width, height, bit_depth, streams;
    enum frames_kind kind;
    enum asked asked;
};

/* The rounds of small pairs. The first ones are what most people use; each depth and each number of streams has kernels
 * of its own, which take longer than the pictures. */
static const struct {
    uint32_t bit_depth, streams;
} rounds[] = {{8, 1}, {10, 1}, {8, 3}, {10, 2}, {12, 1}, {9, 2}, {16, 1}, {11, 3}, {13, 1}, {14, 2}, {15, 1}};
#define N_SMALL ((uint32_t)(N_ASKED * sizeof(rounds) / sizeof(rounds[0])))
static const struct pair_case large[] = {
    {321, 181, 8, 8, FRAMES_FILM, ASKED_DEFAULT},   {417, 237, 10, 4, FRAMES_BANDS, ASKED_V1_BOTH},
    {1283, 721, 10, 1, FRAMES_FILM, ASKED_BOTH},    {1921, 1083, 8, 1, FRAMES_BANDS, ASKED_V1},
    {1920, 1080, 8, 1, FRAMES_FILM, ASKED_DEFAULT},
};
#define N_CASES (N_SMALL + (uint32_t)(sizeof(large) / sizeof(large[0])))

/* Small pairs have sides of every parity, and in each round all that can be asked for. */
static struct pair_case case_at(uint32_t i)
{
    const uint32_t round = i / N_ASKED, asked = i % N_ASKED;
    if (i >= N_SMALL)
        return large[i - N_SMALL];
    /* Some families refuse pictures with no side of 216 or more. */
    return (struct pair_case){.width = 29 * i % 211 + (asked >= ASKED_ALL ? 216 : 33),
                              .height = 33 + 17 * i % 97,
                              .bit_depth = rounds[round].bit_depth,
                              .streams = rounds[round].streams,
                              .kind = (asked + round) % 3,
                              .asked = asked};
}

static void case_name(const struct pair_case *c, char name[PART_LINE])
{
    snprintf(name, PART_LINE, "%ux%u, %u bit, streams: %u, %s, %s", c->width, c->height, c->bit_depth, c->streams,
             kind_words[c->kind], asked_words[c->asked]);
}

void put_pairs_left(struct json_writer *w, const struct outcome *outcome)
{
    char name[PART_LINE];
    json_open(w, "not_run", '[', JSON_LINES);
    for (uint32_t i = outcome->n_compared; i < N_CASES; i++) {
        const struct pair_case c = case_at(i);
        case_name(&c, name);
        json_put_text(w, NULL, name);
    }
    json_close(w);
}

/* ---- requests ---- */

#define REQUESTS_MAX 16

struct requests {
    vkv_request at[REQUESTS_MAX];
    char options[REQUESTS_MAX][EXTRACTOR_OPTIONS_ROOM];
    uint32_t n;
};

static void add(struct requests *to, const char *family, const char *options)
{
    if (to->n == REQUESTS_MAX)
        return;
    snprintf(to->options[to->n], sizeof(to->options[0]), "%s", options);
    to->at[to->n] = (vkv_request){.struct_size = sizeof(vkv_request), .family = family, .options = to->options[to->n]};
    to->n++;
}

/* All switches that add columns. */
static void all_columns(const vkv_family_info *family, char options[EXTRACTOR_OPTIONS_ROOM])
{
    size_t used = 0;
    *options = 0;
    for (uint32_t i = 0; i < family->n_options && used < EXTRACTOR_OPTIONS_ROOM; i++)
        if (family->options[i]->flags & VKV_OPTION_ADDS_COLUMNS)
            used += (size_t)snprintf(options + used, EXTRACTOR_OPTIONS_ROOM - used, "%s%s=true", used ? ":" : "",
                                     family->options[i]->name);
}

static void ask_family(struct requests *to, const vkv_family_info *family, enum asked asked)
{
    char neg[EXTRACTOR_OPTIONS_ROOM], all[EXTRACTOR_OPTIONS_ROOM];
    const bool is_default = family->flags & VKV_FAMILY_DEFAULT;
    extractor_neg_options(family, neg);
    all_columns(family, all);
    if ((asked == ASKED_ALL || asked == ASKED_V1_BOTH) && !(family->flags & VKV_FAMILY_ON_HOST))
        add(to, family->name, all);
    if (is_default && (asked == ASKED_BOTH || (asked == ASKED_NEG && !*neg)))
        add(to, family->name, "");
    if (is_default && *neg && (asked == ASKED_BOTH || asked == ASKED_NEG))
        add(to, family->name, neg);
}

static void ask(struct requests *to, enum asked asked)
{
    uint32_t n;
    const vkv_family_info *const *const families = vkv_family_list(&n);
    for (uint32_t i = 0; i < n; i++)
        ask_family(to, families[i], asked);
    for (uint32_t i = 0; i < N_V1_OPTIONS && asked >= ASKED_V1; i++)
        add(to, v1_options[i].family, v1_options[i].options[asked - ASKED_V1]);
}

/* ---- rows ---- */

struct rows {
    char (*names)[128]; /* of the columns */
    uint32_t n_columns;
    double *values; /* FRAMES_PAIRS x streams x n_columns */
};

static void rows_free(struct rows *rows)
{
    free(rows->names);
    free(rows->values);
}

static int make_room(const struct pair_case *c, const vkv_scorer *scorer, struct rows *rows)
{
    const vkv_column *const *const columns = vkv_scorer_columns(scorer, &rows->n_columns);
    rows->names = calloc(rows->n_columns, sizeof(*rows->names));
    rows->values = calloc((size_t)FRAMES_PAIRS * c->streams * rows->n_columns, sizeof(*rows->values));
    if (!rows->names || !rows->values)
        return message_no_memory("for the results of %u streams", c->streams);
    for (uint32_t i = 0; i < rows->n_columns; i++)
        snprintf(rows->names[i], sizeof(rows->names[i]), "%s", columns[i]->name);
    return 0;
}

/* The distorted pictures of several streams are not the same. */
static int push(vkv_scorer *scorer, const struct pair_case *c, const struct frames *frames, unsigned frame)
{
    vkv_plane planes[1 + VKV_MAX_DISTORTED];
    vkv_picture pictures[1 + VKV_MAX_DISTORTED];
    for (uint32_t i = 0; i <= c->streams; i++) {
        planes[i] = frames_plane(frames, i ? 2 * ((frame + i - 1) % FRAMES_PAIRS) + 1 : 2 * frame);
        pictures[i] = (vkv_picture){.struct_size = sizeof(vkv_picture), .n_planes = 1, .planes = &planes[i]};
    }
    return vkv_scorer_push(scorer, &pictures[0], &pictures[1]);
}

static int score(vkv_scorer *scorer, const struct pair_case *c, const struct frames *frames, struct rows *rows)
{
    int code = VKV_OK;
    uint64_t frame;
    double *at = rows->values;
    for (unsigned i = 0; i < FRAMES_PAIRS && !code; i++)
        code = push(scorer, c, frames, i);
    code = code ? code : vkv_scorer_flush(scorer);
    for (unsigned i = 0; i < FRAMES_PAIRS && !code; i++, at += (size_t)c->streams * rows->n_columns)
        code = vkv_scorer_pull(scorer, &frame, at);
    return code > 0 ? VKV_ERR_STATE : code; /* a row too few */
}

static int take_rows(vkv_device *device, const struct pair_case *c, const struct frames *frames, struct rows *rows)
{
    struct requests requests = {.n = 0};
    vkv_scorer *scorer = NULL;
    ask(&requests, c->asked);
    const vkv_scorer_params params = {.struct_size = sizeof(params),
                                      .width = c->width,
                                      .height = c->height,
                                      .bit_depth = c->bit_depth,
                                      .n_distorted = c->streams,
                                      .n_requests = requests.n,
                                      .requests = requests.at};
    const unsigned errors = message_log_errors();
    if (library_result(vkv_scorer_create(device, &params, &scorer), "vkv_scorer_create", errors))
        return -1;
    const int failed =
        make_room(c, scorer, rows) || library_result(score(scorer, c, frames, rows), "scoring made pairs", errors);
    vkv_scorer_destroy(&scorer);
    return failed ? -1 : 0;
}

/* ---- comparing ---- */

/* Every bit; `what` becomes the first value that is not. */
static bool are_equal(const struct pair_case *c, const struct rows *got, const struct rows *wanted, char *what)
{
    const size_t used = strlen(what), n = (size_t)FRAMES_PAIRS * c->streams * wanted->n_columns;
    for (size_t i = 0; i < n; i++) {
        const size_t row = i / wanted->n_columns;
        if (!memcmp(&got->values[i], &wanted->values[i], sizeof(*got->values)))
            continue;
        snprintf(what + used, PART_LINE - used, ", frame %zu, stream %zu, %s: %.17g, expected %.17g", row / c->streams,
                 row % c->streams, wanted->names[i % wanted->n_columns], got->values[i], wanted->values[i]);
        return false;
    }
    return true;
}

static int compare_case(vkv_device *devices[2], const struct pair_case *c, struct outcome *outcome)
{
    struct frames frames = {.width = c->width, .height = c->height, .bit_depth = c->bit_depth};
    struct rows rows[2] = {{.names = NULL}, {.names = NULL}};
    char what[PART_LINE];
    int failed = frames_make(&frames, c->kind);
    for (int i = 0; i < 2 && !failed; i++)
        failed = take_rows(devices[i], c, &frames, &rows[i]);
    case_name(c, what);
    if (!failed) {
        const bool is_equal = are_equal(c, &rows[0], &rows[1], what);
        part_compared(outcome, is_equal, what);
    }
    for (int i = 0; i < 2; i++)
        rows_free(&rows[i]);
    frames_free(&frames);
    return failed;
}

int compare_pairs(const struct part *part, const struct device_request *request, struct outcome *outcome)
{
    vkv_device *devices[2] = {NULL, NULL};
    const struct device_request reference = {.select = "cpu"};
    (void)part;
    outcome->n_wanted = N_CASES;
    int failed = part_open(request, &devices[0]) || part_open(&reference, &devices[1]);
    for (uint32_t i = 0; i < N_CASES && !failed; i++) {
        const struct pair_case c = case_at(i);
        failed = compare_case(devices, &c, outcome);
    }
    vkv_device_close(&devices[0]);
    vkv_device_close(&devices[1]);
    return failed ? -1 : 0;
}

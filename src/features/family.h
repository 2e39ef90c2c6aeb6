/* A family of features: what libvmaf calls a feature extractor. Each stands in a file of its own; list.c lists them. */
#ifndef VKV_FEATURES_FAMILY_H
#define VKV_FEATURES_FAMILY_H

#include <stdbool.h>
#include <stddef.h>

#include "vkvmaf/vkvmaf.h"

#define FAMILY_MAX_OPTIONS 24
#define FAMILY_MAX_COLUMNS 8
/* References before a frame's own that a family looks at, and frames around it that its values depend on, at most. */
#define FAMILY_MAX_PREVIOUS 2
#define FAMILY_MAX_CONTEXT 8
/* Families with options of their own in a scorer, hence in a pipeline and in a probe, at most. */
#define FAMILY_MAX_USES 16
/* Longest name of a column, with its suffixes and the end of the string. */
#define COLUMN_NAME_ROOM 256
/* Longest text of a family's options, with the end of the string. */
#define OPTIONS_ROOM 1536
/* Longest name of a sum, with the end of the string. */
#define SUM_NAME_ROOM 64

/* Kinds of options, and what struct family_use.options holds. */
enum option_type {
    OPTION_SWITCH, /* true or false: 1 or 0 */
    OPTION_NUMBER, /* a number from `least` to `most` */
    OPTION_WHOLE,  /* a whole number from `least` to `most` */
    OPTION_NAME    /* one of `names`: its place among them */
};

/* The options of a family stand in the order of their names, which is that of the parts of a column's name. */
struct option_rule {
    enum option_type type;
    double standard, least, most;
    bool is_end;              /* a number is `least` or `most`, and none between */
    const char *const *names; /* behind the last one is NULL */
    /* Part of a column's name where the value is not the standard one: "egl" gives "_egl_1", that of a switch "_mma".
     * NULL, for switches of VKV_OPTION_ADDS_COLUMNS only. */
    const char *alias;
    const char *asks_for; /* the switch of the columns that it is about; another value turns it on. NULL: none */
    bool is_in_kernels;   /* the sums of the kernels depend on it */
};

/* An element of info.options, and ones that are a switch of VKV_OPTION_ADDS_COLUMNS; libvmaf gives the columns of the
 * first always. */
#define OPTION_INFO(its_name, its_values, its_default, its_summary)                                                    \
    OPTION_INFO_FLAGS(0, its_name, its_values, its_default, its_summary)
#define LIBVMAF_COLUMNS_INFO(its_name, its_summary)                                                                    \
    OPTION_INFO_FLAGS(VKV_OPTION_ADDS_COLUMNS | VKV_OPTION_LIBVMAF_ADDS, its_name, "true or false", "false",           \
                      its_summary)
#define COLUMNS_INFO(its_name, its_default, its_summary)                                                               \
    OPTION_INFO_FLAGS(VKV_OPTION_ADDS_COLUMNS, its_name, "true or false", its_default, its_summary)
#define OPTION_INFO_FLAGS(its_flags, its_name, its_values, its_default, its_summary)                                   \
    &(const vkv_option_info)                                                                                           \
    {                                                                                                                  \
        .struct_size = sizeof(vkv_option_info), .flags = its_flags, .name = its_name, .values = its_values,            \
        .default_value = its_default, .summary = its_summary                                                           \
    }

struct column_rule {
    const char *model_name; /* the name in libvmaf's models; NULL: no model may use it */
    /* Options that must be on; NULL: none. */
    const char *if_switch, *and_switch;
    bool is_chroma; /* pictures must have chroma */
    bool waits;     /* `complete` sets it; libvmaf logs it behind all others */
};

struct family_kernels;
struct family_use;
struct ref_plane;
struct ref_rows;

/* One pair of pictures on the host. */
struct family_input {
    const struct ref_plane *ref, *dist; /* luma; not for families that read rows */
    /* previous[0]: the reference before, previous[1] the one before that; NULL: there is none. As many as n_previous of
     * any family that is computed. */
    const struct ref_plane *previous[FAMILY_MAX_PREVIOUS];
    uint32_t bit_depth;
    const struct ref_rows *ref_rows, *dist_rows; /* n_planes as the caller has them, for families that read rows */
    uint32_t n_planes;
};

/* Digests of a family's sums on the probe's pictures (probe/known.c): for each set of numbers among the options, each
 * shape, depth, frame and stream. */
#define KNOWN_SHAPES 3
#define KNOWN_DEPTHS 9 /* 8 to 16 bit */
#define KNOWN_FRAMES 3
#define KNOWN_STREAMS 2
typedef const uint64_t known_digests[KNOWN_SHAPES][KNOWN_DEPTHS][KNOWN_FRAMES][KNOWN_STREAMS];

/* A frame passes through a family in three steps: pictures to integers (`reference` on the host, `kernels` on a
 * device; equal in every bit), integers to values (`finalize`), and what needs the values of frames around it
 * (`complete`). */
struct family {
    vkv_family_info info;
    const struct option_rule *options; /* info.n_options, as info.options */
    const struct column_rule *columns; /* info.n_columns, as info.columns */
    /* Integers that it leaves for each pair of pictures, at most (see `needs`): sums, a histogram's words, the bits of
     * a number. */
    uint32_t n_sums;
    /* Names sum `i`: "vif scale 0 a_num". */
    void (*name_sum)(const struct family_use *use, uint32_t i, char name[SUM_NAME_ROOM]);
    /* The definition of the sums. A sum that needs references before is 0 without them. VKV_ERR_MEMORY. Thread-safe. */
    int (*reference)(const struct family_use *use, const struct family_input *in, uint64_t *sums);
    /* Whether uses with different options mean the same sums of the same pictures. NULL: they never do. */
    bool (*same_sums)(const struct family_use *a, const struct family_use *b);
    uint32_t n_previous;                  /* references before a frame's own that it looks at, at most */
    bool reads_rows;                      /* the reference takes the caller's rows; else planes are made of luma */
    const struct family_kernels *kernels; /* engine/kernels.h. NULL: `reference` computes it on every device */
    /* The sums, and the references before, that these options need. NULL: all. */
    void (*needs)(const struct family_use *use, uint32_t *n_sums, uint32_t *n_previous);
    /* One value for each column of the family, also for those that are not asked for. */
    void (*finalize)(const struct family_use *use, const uint64_t *sums, double *values);
    /* How many frames before and after a frame its columns that wait depend on. NULL: there are no such columns. */
    void (*context)(const struct family_use *use, uint32_t *before, uint32_t *after);
    /* Sets the columns that wait. rows[0]: values of a frame; rows[i], i from -before to after: of the frame i further,
     * NULL where the video has none. Those before have all their columns, those after what `finalize` has set. */
    void (*complete)(const struct family_use *use, double *const *rows);
    /* Options, as in a request, that the kernels are tried with after the standard ones: n_tried. */
    const char *const *tried;
    uint32_t n_tried;
    /* n_known, by family_use_set. The probe asks the reference for sets of options behind them. */
    known_digests *known;
    uint32_t n_known;
    /* Whether it computes pictures of this size, depth and chroma with these options. Logs; `subject` starts the
     * message. VKV_ERR_ARG, VKV_ERR_UNSUPPORTED. NULL: all that a scorer takes. */
    int (*check)(const struct family_use *use, const vkv_log *log, const char *subject);
};

/* Members of a family's table, from the arrays of its file. */
#define FAMILY_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define FAMILY_INFO(its_name, its_flags, its_summary)                                                                  \
    .info.struct_size = sizeof(vkv_family_info), .info.name = its_name, .info.flags = its_flags,                       \
    .info.summary = its_summary
#define FAMILY_OPTIONS(infos, rules) .info.n_options = FAMILY_COUNT(infos), .info.options = infos, .options = rules
#define FAMILY_COLUMNS(names, rules) .info.n_columns = FAMILY_COUNT(names), .info.columns = names, .columns = rules
#define FAMILY_TRIED(sets) .tried = sets, .n_tried = FAMILY_COUNT(sets)
#define FAMILY_KNOWN(digests) .known = digests, .n_known = FAMILY_COUNT(digests)

/* The one list, in the order of libvmaf's logs. Each family has its table, and its reference in src/ref. */
#define FAMILIES(F) F(adm) F(motion) F(vif) F(psnr) F(cambi) F(speed_chroma)
#define FAMILY_DECLARE(name)                                                                                           \
    extern const struct family family_##name;                                                                          \
    int ref_##name##_sums(const struct family_use *use, const struct family_input *in, uint64_t *sums);
FAMILIES(FAMILY_DECLARE)
#undef FAMILY_DECLARE

extern const struct family *const families[];
extern const uint32_t n_families;

/* A family with options, for pictures of one size. */
struct family_use {
    const struct family *family;
    double options[FAMILY_MAX_OPTIONS]; /* a switch is 0 or 1 */
    uint32_t width, height, bit_depth;
    uint32_t chroma; /* vkv_scorer_params.chroma */
};

/* Finds a family by its name. NULL: there is none. */
const struct family *family_find(const char *name);
/* The family and the column that a name of libvmaf's models means, and those that the name of a row's column means.
 * NULL: none. */
const struct family *family_of_model_name(const char *name, uint32_t *column);
const struct family *family_of_column(const char *name, uint32_t *column);

/* Standard options. */
struct family_use family_use_standard(const struct family *family);
/* Standard options but for the switches that the column needs. */
struct family_use family_use_of_column(const struct family *family, uint32_t column);
/* Adds the columns that switches of another use like it give. */
void family_use_add(struct family_use *use, const struct family_use *more);
/* Size of plane `i` of the pictures; 0x0: they have no such plane. */
void family_plane_size(const struct family_use *use, uint32_t i, uint32_t *width, uint32_t *height);
/* Whether pictures may have such chroma (vkv_scorer_params.chroma). */
bool chroma_is_known(uint32_t chroma);
/* How many planes of a picture it looks at. */
uint32_t family_n_planes(const struct family_use *use);
/* Number of the option; info.n_options: there is none. */
uint32_t family_option(const struct family *family, const char *name);
/* Whether a value is one that the option takes. */
bool option_takes(const struct option_rule *rule, double value);
/* The value that a number means: it becomes a float and keeps six digits of that, as in libvmaf. False: none that the
 * option takes. */
bool option_value(const struct option_rule *rule, double number, double *value);
/* The value that a text means. False: none that the option takes. */
bool option_read(const struct option_rule *rule, const char *text, double *value);

/* Reads request `i` of a caller's array. Logs; `subject` starts the message. VKV_ERR_ARG, VKV_ERR_UNSUPPORTED. */
int family_use_take(const vkv_log *log, const char *subject, const vkv_request *requests, uint32_t i,
                    struct family_use *use);
/* Reads request `i` like family_use_take, and sets the options that it names in each of the uses of its family. */
int family_use_change(const vkv_log *log, const char *subject, const vkv_request *requests, uint32_t i,
                      struct family_use *uses, uint32_t n_uses);
bool family_use_equal(const struct family_use *a, const struct family_use *b);
/* Whether their columns have the same values: they differ in switches that add columns at most. */
bool family_use_alike(const struct family_use *a, const struct family_use *b);
/* Whether the kernels compute the same sums for both. */
bool family_use_same_kernels(const struct family_use *a, const struct family_use *b);
/* Whether both have the same sums; their values may differ. */
bool family_use_same_sums(const struct family_use *a, const struct family_use *b);
/* The set of options number `i` of those that kernels are tried with: 0 the standard ones, to n_tried. */
struct family_use family_use_tried(const struct family *family, uint32_t i);
/* Number of the first of these sets for which the kernels compute the same sums. UINT32_MAX: none. */
uint32_t family_use_set(const struct family_use *use);
/* The text of option `i`: "1", "true", "bilinear". */
void family_option_text(const struct family_use *use, uint32_t i, char *text, size_t room);
/* "adm_enhn_gain_limit=1": the options that are not standard; "" if all are. A request with this text means them. */
void family_use_options(const struct family_use *use, char options[OPTIONS_ROOM]);

/* struct family.needs. */
uint32_t family_n_sums(const struct family_use *use);
uint32_t family_n_previous(const struct family_use *use);

/* struct family.context; 0 and 0 where there is none. */
void family_context(const struct family_use *use, uint32_t *before, uint32_t *after);

/* struct family.check; VKV_OK where there is none. */
int family_check(const struct family_use *use, const vkv_log *log, const char *subject);

bool family_has_column(const struct family_use *use, uint32_t column);
void family_column_name(const struct family_use *use, uint32_t column, char name[COLUMN_NAME_ROOM]);

#endif

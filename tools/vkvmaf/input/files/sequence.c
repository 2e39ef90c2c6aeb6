#include "input/files/sequence.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input/files/window.h"

#define DIGITS_MAX 18
#define NAME_ROOM 256 /* of a file's name, as file systems have it */
#define MADE_ROOM (2 * NAME_ROOM + DIGITS_MAX)

struct pattern {
    char before[NAME_ROOM], after[NAME_ROOM]; /* the number, in the file's name */
    unsigned digits;                          /* at least, with zeros in front; 0: none */
};

struct sequence {
    struct pattern pattern;
    char *folder;             /* with a slash at the end, or empty */
    uint64_t first, last, at; /* numbers; `at` is the next one's */
    struct reader *item;      /* open, its picture not yet read; or NULL */
    char *item_path;
    unsigned char *stand_in; /* the last picture, where a damaged one is not refused; NULL: none yet */
};

/* ---- names ------------------------------------------------------------------------------------------------------ */

static const char *name_of(const char *path)
{
    const char *const slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Copies up to the number, or to the end. Returns where it stopped; NULL: it does not fit, or '%' stands for something
 * else. */
static const char *take_part(const char *name, char part[NAME_ROOM])
{
    size_t n = 0;
    for (; *name && (*name != '%' || name[1] == '%') && n < NAME_ROOM - 1; name++) {
        part[n++] = *name;
        name += *name == '%';
    }
    part[n] = 0;
    return n < NAME_ROOM - 1 ? name : NULL;
}

/* "%d" or "%04d". */
static const char *take_number(const char *name, unsigned *digits)
{
    char *end;
    if (!name || *name != '%')
        return NULL;
    const bool is_padded = *++name == '0';
    const unsigned long n = is_padded ? strtoul(name, &end, 10) : 0;
    *digits = (unsigned)n;
    name = is_padded ? end : name;
    return n <= DIGITS_MAX && *name == 'd' ? name + 1 : NULL;
}

static bool parse_pattern(const char *name, struct pattern *pattern)
{
    const char *const number = take_part(name, pattern->before);
    const char *const rest = take_number(number, &pattern->digits);
    const char *const end = rest ? take_part(rest, pattern->after) : NULL;
    return end && !*end;
}

bool sequence_is_pattern(const char *path)
{
    struct pattern pattern;
    return parse_pattern(name_of(path), &pattern);
}

static void make_name(const struct pattern *pattern, uint64_t number, char name[MADE_ROOM])
{
    snprintf(name, MADE_ROOM, "%s%0*" PRIu64 "%s", pattern->before, (int)pattern->digits, number, pattern->after);
}

/* Whether `name` is the one of a number. */
static bool read_number(const struct pattern *pattern, const char *name, uint64_t *number)
{
    char made[MADE_ROOM];
    const size_t before = strlen(pattern->before);
    if (strncmp(name, pattern->before, before))
        return false;
    const size_t n = strspn(name + before, "0123456789");
    if (!n || n > DIGITS_MAX)
        return false;
    *number = strtoull(name + before, NULL, 10);
    make_name(pattern, *number, made);
    return !strcmp(made, name);
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

/* The smallest and the greatest number from `least` on in the folder, and how many there are. Returns an errno value.
 */
static int list(const struct sequence *sequence, uint64_t least, uint64_t *first, uint64_t *last, uint64_t *n)
{
    const struct dirent *entry;
    DIR *const folder = opendir(*sequence->folder ? sequence->folder : ".");
    *n = 0;
    if (!folder)
        return errno;
    while ((entry = readdir(folder))) {
        uint64_t number;
        if (!read_number(&sequence->pattern, entry->d_name, &number) || number < least)
            continue;
        *first = *n && *first < number ? *first : number;
        *last = *n && *last > number ? *last : number;
        ++*n;
    }
    closedir(folder);
    return 0;
}

static int no_memory(struct reader *reader)
{
    return reader_fail(reader, "no memory to read a sequence");
}

/* The path of one picture, to be freed; NULL without memory. */
static char *path_of(const struct sequence *sequence, uint64_t number)
{
    const size_t n = strlen(sequence->folder);
    char *const path = malloc(n + MADE_ROOM);
    if (!path)
        return NULL;
    memcpy(path, sequence->folder, n);
    make_name(&sequence->pattern, number, path + n);
    return path;
}

char *sequence_file(const char *path, const char *other)
{
    struct sequence sequence = {.folder = strdup(path)};
    uint64_t number;
    char *found = NULL;
    if (sequence.folder && parse_pattern(name_of(path), &sequence.pattern) &&
        read_number(&sequence.pattern, name_of(other), &number)) {
        sequence.folder[name_of(path) - path] = 0;
        found = path_of(&sequence, number);
    }
    free(sequence.folder);
    return found;
}

/* The first number that has no file. */
static uint64_t find_gap(const struct sequence *sequence)
{
    uint64_t number = sequence->first;
    for (bool exists = true; exists && number < sequence->last; number += exists) {
        char *const path = path_of(sequence, number);
        exists = path && !access(path, F_OK);
        free(path);
    }
    return number;
}

static int refuse_gap(struct reader *reader)
{
    const struct sequence *const sequence = reader->sequence;
    const uint64_t gap = find_gap(sequence);
    char missing[MADE_ROOM], next[MADE_ROOM];
    uint64_t first = gap, last, n;
    list(sequence, gap + 1, &first, &last, &n);
    make_name(&sequence->pattern, gap, missing);
    make_name(&sequence->pattern, first, next);
    return reader_fail(reader, "there is no %.100s, but %.100s; a sequence must have no gap", missing, next);
}

static int find_files(struct reader *reader)
{
    struct sequence *const sequence = reader->sequence;
    uint64_t n;
    const int error = list(sequence, 0, &sequence->first, &sequence->last, &n);
    if (error)
        return reader_fail(reader, "its folder cannot be read: %s", strerror(error));
    if (!n)
        return reader_fail(reader, "cannot be opened: there is no such file, nor one with a number in its place");
    if (sequence->last - sequence->first != n - 1)
        return refuse_gap(reader);
    sequence->at = sequence->first;
    return 0;
}

static void close_item(struct sequence *sequence)
{
    if (sequence->item)
        reader_close(sequence->item);
    free(sequence->item);
    free(sequence->item_path);
    sequence->item = NULL;
    sequence->item_path = NULL;
}

static int item_failed(struct reader *reader)
{
    memcpy(reader->error, reader->sequence->item->error, sizeof(reader->error));
    return -1;
}

/* 1: the file is no picture. A pipe among them would hold the run up where nobody expects it. */
static int open_item(struct reader *reader)
{
    struct sequence *const sequence = reader->sequence;
    struct video_options options = reader->options;
    struct stat st;
    sequence->item = calloc(1, sizeof(*sequence->item));
    sequence->item_path = path_of(sequence, sequence->at);
    if (!sequence->item || !sequence->item_path)
        return no_memory(reader);
    if (!stat(sequence->item_path, &st) && !S_ISREG(st.st_mode)) {
        *sequence->item = (struct reader){.path = sequence->item_path, .source = {.fd = -1}};
        reader_fail(sequence->item, "is no regular file, and is one of a sequence");
        return item_failed(reader);
    }
    return reader_open(sequence->item, sequence->item_path, &options) ? -item_failed(reader) : 0;
}

/* ---- pictures --------------------------------------------------------------------------------------------------- */

static int refuse_orient(struct reader *item, const struct orient *first)
{
    char text[ORIENT_TEXT_ROOM], first_text[ORIENT_TEXT_ROOM];
    return reader_fail(item, "is shown %s, the pictures before %s", orient_text(&item->format.orient, text),
                       orient_text(first, first_text));
}

static int check_same(struct reader *reader)
{
    const struct video_format *const first = &reader->format, *const this = &reader->sequence->item->format;
    if (this->width == first->width && this->height == first->height && this->bit_depth == first->bit_depth &&
        this->chroma == first->chroma && this->range == first->range && orient_is_equal(&this->orient, &first->orient))
        return 0;
    if (!orient_is_equal(&this->orient, &first->orient))
        return refuse_orient(reader->sequence->item, &first->orient);
    return reader_fail(reader->sequence->item,
                       "is %ux%u, %s, %u bit, %s range; the pictures before are %ux%u, %s, %u bit,"
                       " %s range",
                       this->width, this->height, video_chroma_name(this->chroma), this->bit_depth,
                       video_range_name(this->range), first->width, first->height, video_chroma_name(first->chroma),
                       first->bit_depth, video_range_name(first->range));
}

/* The file holds another picture than the first one does, or several: -1. */
static int check_item(struct reader *reader, int behind)
{
    struct reader *const item = reader->sequence->item;
    if (behind > 0 && !*item->error)
        reader_fail(item, "has more than one picture, and is one of a sequence");
    return behind ? item_failed(reader) : 0;
}

/* Opens the file if it is not open, reads its picture, and then the file's end. 0: the picture is damaged, and its
 * error says how. */
static int read_item(struct reader *reader, unsigned char *bytes, struct window **window)
{
    struct sequence *const sequence = reader->sequence;
    const int failed = sequence->item ? 0 : open_item(reader);
    if (failed)
        return failed < 0 ? -1 : 0;
    if (check_same(reader))
        return item_failed(reader);
    const int more = reader_next(sequence->item, bytes, window);
    if (!more)
        reader_fail(sequence->item, "has no picture");
    if (more <= 0)
        return item_failed(reader), 0;
    return check_item(reader, reader_next(sequence->item, NULL, NULL)) ? -1 : 1;
}

static uint64_t picture_bytes(const struct reader *reader)
{
    return reader_frame_bytes(&reader->format, reader->options.chroma);
}

/* Keeps a picture that may have to stand in for a damaged one. */
static int keep(struct reader *reader, const unsigned char *bytes)
{
    struct sequence *const sequence = reader->sequence;
    if (!sequence->stand_in && !(sequence->stand_in = malloc((size_t)picture_bytes(reader))))
        return no_memory(reader);
    memcpy(sequence->stand_in, bytes, (size_t)picture_bytes(reader));
    return 0;
}

/* Takes what is wrong with the file over from it; without a picture the one before stands in. */
static int take_damaged(struct reader *reader, unsigned char *bytes, bool has_picture)
{
    struct sequence *const sequence = reader->sequence;
    const char *const why = has_picture ? sequence->item->damage : sequence->item->error;
    if (!has_picture && !sequence->stand_in)
        return -1;
    if (!has_picture)
        memcpy(bytes, sequence->stand_in, (size_t)picture_bytes(reader));
    reader->is_damaged = true;
    if (!*reader->damage)
        snprintf(reader->damage, sizeof(reader->damage), "%.200s", why);
    *reader->error = 0;
    return 0;
}

static int read_picture(struct reader *reader, unsigned char *bytes, struct window **window)
{
    const int has_picture = read_item(reader, bytes, window);
    if (has_picture < 0)
        return -1;
    if (reader->options.damaged == DAMAGED_REFUSE)
        return has_picture ? 0 : -1;
    if (!has_picture || reader->sequence->item->is_damaged)
        return take_damaged(reader, bytes, has_picture);
    return keep(reader, window && *window ? window_bytes(*window) : bytes);
}

static int next(struct reader *reader, unsigned char *bytes, struct window **window)
{
    struct sequence *const sequence = reader->sequence;
    if (sequence->at > sequence->last)
        return 0;
    if (bytes && read_picture(reader, bytes, window))
        return -1;
    close_item(sequence);
    sequence->at++;
    return 1;
}

static void close_sequence(struct reader *reader)
{
    close_item(reader->sequence);
    free(reader->sequence->folder);
    free(reader->sequence->stand_in);
    free(reader->sequence);
}

static const struct reader_kind kind = {next, close_sequence};

static int open_first(struct reader *reader)
{
    struct sequence *const sequence = reader->sequence;
    char first[MADE_ROOM], last[MADE_ROOM];
    if (open_item(reader))
        return -1;
    reader->format = sequence->item->format;
    reader->uses_raw = sequence->item->uses_raw;
    reader->format.fps = 0; /* FFmpeg's 25 per second are invented */
    reader->info = (struct video_info){.n_frames = sequence->last - sequence->first + 1};
    memcpy(reader->remarks, sequence->item->remarks, sizeof(reader->remarks));
    make_name(&sequence->pattern, sequence->first, first);
    make_name(&sequence->pattern, sequence->last, last);
    reader_remark(reader, "is read as %" PRIu64 " picture%s, %.80s to %.80s", reader->info.n_frames,
                  reader->info.n_frames == 1 ? "" : "s", first, last);
    return 0;
}

int sequence_open(struct reader *reader)
{
    const size_t n = (size_t)(name_of(reader->path) - reader->path);
    reader->sequence = calloc(1, sizeof(*reader->sequence));
    if (!reader->sequence)
        return no_memory(reader);
    reader->kind = &kind;
    reader->sequence->folder = calloc(1, n + 1);
    if (!reader->sequence->folder)
        return no_memory(reader);
    memcpy(reader->sequence->folder, reader->path, n);
    parse_pattern(name_of(reader->path), &reader->sequence->pattern);
    return find_files(reader) || open_first(reader) ? -1 : 0;
}

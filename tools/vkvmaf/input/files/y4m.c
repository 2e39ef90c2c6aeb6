/* The y4m header: "YUV4MPEG2" and parameters of one letter and a value, separated by spaces. */
#include "input/format.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A colourspace is one of these names, with a depth after it where `depth_mark` is not NULL ("p10", "10"). */
struct colourspace {
    const char *name;
    enum video_chroma chroma;
    const char *depth_mark;
};

static const struct colourspace colourspaces[] = {
    {"420jpeg", CHROMA_420, NULL},
    {"420mpeg2", CHROMA_420, NULL},
    {"420paldv", CHROMA_420, NULL},
    {"420", CHROMA_420, "p"},
    {"411", CHROMA_411, "p"},
    {"422", CHROMA_422, "p"},
    {"444alpha", CHROMA_444_ALPHA, NULL},
    {"444", CHROMA_444, "p"},
    {"mono", CHROMA_NONE, ""},
};

/* A decimal number made of all `n` characters. Returns 0, or -1 when it is none or above 999 999 999. */
static int parse_number(const char *text, size_t n, uint32_t *number)
{
    uint32_t value = 0;
    if (n < 1 || n > 9)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (uint32_t)(text[i] - '0');
    }
    *number = value;
    return 0;
}

static int parse_colourspace(const char *text, size_t n, struct video_format *format)
{
    for (size_t i = 0; i < sizeof(colourspaces) / sizeof(colourspaces[0]); i++) {
        const struct colourspace *space = &colourspaces[i];
        const size_t name_n = strlen(space->name);
        if (n < name_n || memcmp(text, space->name, name_n))
            continue;
        format->chroma = space->chroma;
        format->bit_depth = 8;
        if (n == name_n)
            return 0;
        if (!space->depth_mark)
            continue;
        const size_t mark_n = strlen(space->depth_mark);
        if (n <= name_n + mark_n || memcmp(text + name_n, space->depth_mark, mark_n))
            continue;
        return parse_number(text + name_n + mark_n, n - name_n - mark_n, &format->bit_depth);
    }
    return -1;
}

/* "25:1"; 0 when it is no rate. */
static double parse_rate(const char *text, size_t n)
{
    uint32_t numerator, denominator;
    const char *colon = memchr(text, ':', n);
    const size_t numerator_n = colon ? (size_t)(colon - text) : n;
    if (!colon || parse_number(text, numerator_n, &numerator) ||
        parse_number(colon + 1, n - numerator_n - 1, &denominator) || !denominator)
        return 0;
    return (double)numerator / denominator;
}

/* "128:117"; 0:0, which is not known, when it is no ratio. */
static struct sample_aspect parse_aspect(const char *text, size_t n)
{
    struct sample_aspect aspect;
    const char *colon = memchr(text, ':', n);
    const size_t x_n = colon ? (size_t)(colon - text) : n;
    if (!colon || parse_number(text, x_n, &aspect.x) || parse_number(colon + 1, n - x_n - 1, &aspect.y) || !aspect.x ||
        !aspect.y)
        return (struct sample_aspect){0, 0};
    return aspect;
}

static bool is_word(const char *word, size_t n, const char *text)
{
    return n == strlen(text) && !memcmp(word, text, n);
}

int y4m_parse_header(const char *line, size_t n, struct video_format *format, char *why, size_t why_room)
{
    struct video_format found = {.bit_depth = 8, .chroma = CHROMA_420};
    const size_t magic_n = strlen(Y4M_MAGIC);
    if (n < magic_n || memcmp(line, Y4M_MAGIC, magic_n)) {
        snprintf(why, why_room, "does not begin with \"" Y4M_MAGIC "\"");
        return -1;
    }
    for (size_t at = magic_n; at < n;) {
        const char *word = line + at;
        const char *space = memchr(word, ' ', n - at);
        const size_t word_n = space ? (size_t)(space - word) : n - at;
        int bad = 0;
        at += word_n + 1;
        if (!word_n)
            continue;
        if (word[0] == 'W')
            bad = parse_number(word + 1, word_n - 1, &found.width);
        else if (word[0] == 'H')
            bad = parse_number(word + 1, word_n - 1, &found.height);
        else if (word[0] == 'C')
            bad = parse_colourspace(word + 1, word_n - 1, &found);
        else if (word[0] == 'F')
            found.fps = parse_rate(word + 1, word_n - 1);
        else if (word[0] == 'A')
            found.aspect = parse_aspect(word + 1, word_n - 1);
        else if (is_word(word, word_n, "XCOLORRANGE=FULL"))
            found.range = RANGE_FULL;
        else if (is_word(word, word_n, "XCOLORRANGE=LIMITED"))
            found.range = RANGE_LIMITED;
        if (bad) {
            char text[VIDEO_QUOTE_ROOM];
            snprintf(why, why_room, "its y4m header says \"%s\", which is not understood",
                     video_quote(word, word_n, text));
            return -1;
        }
    }
    if (!found.width || !found.height) {
        snprintf(why, why_room, "its y4m header names no %s", found.width ? "height (H)" : "width (W)");
        return -1;
    }
    if (video_format_check(&found, why, why_room))
        return -1;
    if (found.range == RANGE_UNKNOWN && found.chroma != CHROMA_NONE)
        found.range = RANGE_LIMITED;
    *format = found;
    return 0;
}

int y4m_is_frame_line(const char *line, size_t n)
{
    return n >= 5 && !memcmp(line, "FRAME", 5) && (n == 5 || line[5] == ' ');
}

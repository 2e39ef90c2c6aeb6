#include "common/json_text.h"

#include <stdbool.h>
#include <stddef.h>

/* The length of the UTF-8 sequence at `text`, or 0 when it is none. */
static size_t utf8_length(const unsigned char *text)
{
    static const unsigned smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t n = text[0] < 0x80 ? 1 : text[0] >> 5 == 6 ? 2 : text[0] >> 4 == 14 ? 3 : text[0] >> 3 == 30 ? 4 : 0;
    if (n < 2)
        return n;
    unsigned code = text[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if (text[i] >> 6 != 2)
            return 0;
        code = code << 6 | (text[i] & 0x3f);
    }
    return code < smallest[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : n;
}

/* True for characters that HTML or JavaScript would take for markup or a line's end: <, >, &, U+2028, U+2029. */
static bool is_markup(const unsigned char *c)
{
    return *c == '<' || *c == '>' || *c == '&' || (c[0] == 0xe2 && c[1] == 0x80 && (c[2] | 1) == 0xa9);
}

void json_text_write(FILE *file, const char *text, bool is_in_html)
{
    fputc('"', file);
    for (const unsigned char *c = (const unsigned char *)text; *c;) {
        const size_t n = utf8_length(c);
        if (!n)
            fputs("\\ufffd", file);
        else if (is_in_html && is_markup(c))
            fprintf(file, "\\u%04x", n == 1 ? *c : 0x2028u + (c[2] & 1));
        else if (*c == '"' || *c == '\\')
            fprintf(file, "\\%c", *c);
        else if (*c < 0x20 || *c == 0x7f)
            fprintf(file, "\\u%04x", *c);
        else
            fwrite(c, 1, n, file);
        c += n ? n : 1;
    }
    fputc('"', file);
}

/* Files that people give in place of a video. */
#include <string.h>

#include "input/files/recognize.h"

/* Enough to find a word in. */
#define TEXT_MAX 2048

/* The beginning of a file as a string: "" if it is no text. */
static void take_text(const unsigned char *head, size_t n, char text[TEXT_MAX])
{
    static const unsigned char mark[] = {0xef, 0xbb, 0xbf}; /* of UTF-8 */
    if (n >= sizeof(mark) && !memcmp(head, mark, sizeof(mark))) {
        head += sizeof(mark);
        n -= sizeof(mark);
    }
    n = n < TEXT_MAX - 1 ? n : TEXT_MAX - 1;
    memcpy(text, head, n);
    text[n] = 0;
    for (size_t i = 0; i < n; i++)
        if ((head[i] < 0x20 && !strchr("\t\n\r\f", head[i])) || head[i] == 0x7f || !head[i])
            text[0] = 0;
}

/* The first line that is neither empty nor a comment. */
static const char *first_line(const char *text)
{
    text += strspn(text, " \t\r\n");
    while (*text == '#') {
        text += strcspn(text, "\n");
        text += strspn(text, " \t\r\n");
    }
    return text;
}

static bool begins(const char *text, const char *with)
{
    return !strncmp(text, with, strlen(with));
}

static const char *xml_list(const char *text)
{
    static const struct {
        const char *root, *name;
    } lists[] = {
        {"<MPD", "a DASH manifest"},
        {"<SmoothStreamingMedia", "a Smooth Streaming manifest"},
        {"<smil", "a SMIL playlist"},
        {"<playlist", "an XSPF playlist"},
        {"<asx", "an ASX playlist"},
        {"<ASX", "an ASX playlist"},
        {"<CompositionPlaylist", "an IMF composition playlist"},
        {"ns.adobe.com/f4m", "an HDS manifest (f4m)"},
        {"<mlt", "a project of an editor (MLT)"},
        {"<html", "a web page"},
        {"<HTML", "a web page"},
        {"<!DOCTYPE html", "a web page"},
        {"<!doctype html", "a web page"},
    };
    for (size_t i = 0; *text == '<' && i < sizeof(lists) / sizeof(lists[0]); i++)
        if (strstr(text, lists[i].root))
            return lists[i].name;
    return NULL;
}

const char *foreign_list(const unsigned char *head, size_t n)
{
    char text[TEXT_MAX];
    take_text(head, n, text);
    const char *const line = first_line(text);
    if (begins(text, "#EXTM3U"))
        return strstr(text, "#EXT-X-") ? "an HLS playlist" : "an M3U playlist";
    if (begins(line, "ffconcat version"))
        return "a playlist for FFmpeg's concat";
    if (begins(line, "file ") && strpbrk(line, "'./"))
        return "a playlist for FFmpeg's concat";
    if (begins(line, "v=0") && strstr(line, "\nm="))
        return "a description of a stream (SDP)";
    if (begins(line, "[playlist]") || begins(line, "[Playlist]"))
        return "a PLS playlist";
    if (begins(line, "[InternetShortcut]"))
        return "a shortcut to an address";
    if (begins(line, "version https://git-lfs."))
        return "a pointer of Git LFS, in place of the file itself";
    return xml_list(line);
}

const char *foreign_name(const unsigned char *head, size_t n)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *name;
    } magics[] = {
        {"PK\3\4", 4, "a ZIP archive"},
        {"\x1f\x8b", 2, "a gzip archive"},
        {"\xfd"
         "7zXZ",
         5, "an xz archive"},
        {"7z\xbc\xaf", 4, "a 7z archive"},
        {"Rar!", 4, "a RAR archive"},
        {"\x28\xb5\x2f\xfd", 4, "a zstd archive"},
        {"%PDF", 4, "a PDF document"},
        {"\x7f"
         "ELF",
         4, "a program"},
    };
    char text[TEXT_MAX];
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
        if (n >= magics[i].n && !memcmp(head, magics[i].bytes, magics[i].n))
            return magics[i].name;
    take_text(head, n, text);
    return *text ? "text" : NULL;
}

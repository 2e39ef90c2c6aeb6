/* Looking through a container costs few reads, however small its elements are, and does not read what they hold. It
 * finds where the last record ends before padding. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "input/files/source.h"
#include "input/structure/structure.h"

#define FILE_BYTES (512u << 10)

ssize_t __real_pread(int fd, void *bytes, size_t n, off_t at);
ssize_t __wrap_pread(int fd, void *bytes, size_t n, off_t at);
ssize_t __wrap_pread64(int fd, void *bytes, size_t n, off_t at);

/* A signal breaks off every second read, and the others give a half. */
ssize_t __wrap_pread(int fd, void *bytes, size_t n, off_t at)
{
    static unsigned n_calls;
    if (n_calls++ % 2)
        return __real_pread(fd, bytes, n > 1 ? n / 2 : n, at);
    errno = EINTR;
    return -1;
}

/* Its name where off_t has a choice of sizes. */
ssize_t __wrap_pread64(int fd, void *bytes, size_t n, off_t at)
{
    return __wrap_pread(fd, bytes, n, at);
}

struct kind {
    const char *format;
    bool (*read)(const struct view *view, const struct structure_stream *stream);
    const char *head, *element; /* the file's beginning, and what is repeated after it; a byte is two digits */
};

static const struct kind kinds[] = {
    {"matroska,webm", matroska_read, "1a45dfa380 18538067 01ffffffffffffff", "ec80"},
    {"matroska,webm", matroska_read, "1a45dfa380 18538067 01ffffffffffffff 1f43b675 01ffffffffffffff", "a080"},
    {"obu", obu_read, "1200", "7a00"},
    {"av1", av1_annexb_read, "0100", "0100"},
    {"ivf", ivf_read, "444b4946 0000 2000 00000000 0000000000000000 0000000000000000 00000000",
     "0100000000000000000000007a"},
    {"flv", flv_read, "464c5601 05 00000009 00000000", "0900000000000000000000 0000000b"},
    {"mxf", mxf_read, "", "060e2b3402050101 0d01020101020400 00"},
    {"ogg", ogg_read, "", "4f67675300 02 0000000000000000 00000000 00000000 00000000 00"},
    {"avi", avi_read, "52494646 00000000 41564920 4c495354 00000000 6d6f7669", "3030646300000000"},
    {"mov,mp4,m4a,3gp,3g2,mj2", mp4_read, "", "0000000866726565"},
};

static size_t put(FILE *file, const char *digits)
{
    size_t n = 0;
    unsigned byte;
    for (; *digits; digits++)
        if (*digits != ' ' && sscanf(digits++, "%2x", &byte) == 1) {
            assert_int_not_equal(fputc((int)byte, file), EOF);
            n++;
        }
    return n;
}

static struct view_window look(const struct kind *kind, FILE *file, uint64_t size, struct structure *structure)
{
    static const struct structure_stream stream = {"", 0, 0};
    struct view_window window = {.n = 0};
    const struct view view = {fileno(file), 0, size, size, structure, &window};
    *structure = (struct structure){.is_known = false};
    kind->read(&view, &stream);
    return window;
}

static void tiny_elements(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        FILE *const file = tmpfile();
        struct structure structure;
        assert_non_null(file);
        uint64_t size = put(file, kinds[i].head);
        while (size < FILE_BYTES)
            size += put(file, kinds[i].element);
        assert_int_equal(fflush(file), 0);
        const struct view_window window = look(&kinds[i], file, size, &structure);
        assert_string_equal(structure.why, "");
        assert_in_range(window.n_read, FILE_BYTES - WINDOW_BYTES, FILE_BYTES + FILE_BYTES / 8);
        assert_in_range(window.n_reads, 1, FILE_BYTES / WINDOW_BYTES + 16);
        fclose(file);
    }
}

/* 1000 frames of IVF of 1 MiB each, in a file of holes. */
static void large_frames(void **state)
{
    static const struct kind ivf = {"ivf", ivf_read, "", ""};
    static const unsigned char frame[12] = {0, 0, 0x10, 0};
    const uint64_t frame_bytes = 12 + (1u << 20);
    FILE *const file = tmpfile();
    struct structure structure;
    (void)state;
    assert_non_null(file);
    put(file, kinds[4].head);
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(pwrite(fileno(file), frame, 12, (off_t)(32 + i * frame_bytes)), 12);
    assert_int_equal(fflush(file), 0);
    assert_int_equal(ftruncate(fileno(file), (off_t)(32 + 1000 * frame_bytes)), 0);
    struct view_window window = look(&ivf, file, 32 + 1000 * frame_bytes, &structure);
    assert_string_equal(structure.why, "");
    assert_in_range(window.n_reads, 1000, 1010);
    assert_in_range(window.n_read, 1000 * 12, 1010 * 4096);
    look(&ivf, file, 32 + 1000 * frame_bytes - 1, &structure);
    assert_non_null(strstr(structure.why, "ends inside a frame"));
    fclose(file);
}

static void put_bytes(FILE *file, int byte, size_t n)
{
    while (n--)
        assert_int_equal(fputc(byte, file), byte);
}

static struct structure look_through(const char *format, FILE *file, uint64_t size)
{
    const struct source source = {.fd = fileno(file), .is_regular = true, .size = size};
    struct structure structure;
    assert_int_equal(fflush(file), 0);
    structure_read_records(&source, format, &structure);
    return structure;
}

/* Files of records end where the last one does, whatever length the padding has. Others are not looked through. */
static void padding(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const bool is_records = i >= 2 && i < 8;
        for (size_t n_bytes = 0; n_bytes < 40000; n_bytes = n_bytes * 3 + 1) {
            FILE *const file = tmpfile();
            assert_non_null(file);
            uint64_t size = put(file, kinds[i].head);
            for (unsigned j = 0; j < 9; j++)
                size += put(file, kinds[i].element);
            put_bytes(file, 0xff, n_bytes);
            const struct structure structure = look_through(kinds[i].format, file, size + n_bytes);
            assert_string_equal(structure.why, "");
            assert_int_equal(structure.end, is_records ? size : 0);
            fclose(file);
        }
    }
}

/* A packet of Ogg that goes on, in a page that none follows. */
static void padding_behind_a_cut(void **state)
{
    static const char page[] = "4f67675300 00 0000000000000000 00000000 00000000 00000000 01 ff";
    (void)state;
    for (size_t n_bytes = 0; n_bytes < 2000; n_bytes += 1000) {
        FILE *const file = tmpfile();
        assert_non_null(file);
        const uint64_t size = put(file, page) + 255;
        put_bytes(file, 'x', 255);
        put_bytes(file, 0, n_bytes);
        assert_string_equal(look_through("ogg", file, size + n_bytes).why, "ends inside a packet");
        fclose(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tiny_elements), cmocka_unit_test(large_frames),
                                       cmocka_unit_test(padding), cmocka_unit_test(padding_behind_a_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

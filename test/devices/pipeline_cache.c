/* The file of compiled pipelines: written, read again, and not believed when anything about it is wrong.
 *
 * usage: pipeline_cache [--form=...] [--device=...] [--validation]. Exit code 77: no device. */
#define _DEFAULT_SOURCE /* mknod */
#include "devices.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#define PATH_ROOM 512

static char folder[] = "/tmp/vkvmaf-pipelines-XXXXXX", file[PATH_ROOM];
static atomic_uint n_taken, n_refused; /* lines come from any thread */

static void count_lines(void *user, int level, const char *line)
{
    log_seen(user, level, line);
    n_taken += strstr(line, "compiled pipelines come from") != NULL;
    n_refused += strstr(line, "made anew") != NULL;
}

/* Opens the device with `cache_dir`, makes pipelines, closes it; counts what the log says of the cache. */
static void use(const char *cache_dir)
{
    vkv_device_params params = device_params();
    const vkv_scorer_params size = {.struct_size = sizeof(size), .width = 48, .height = 48, .bit_depth = 8};
    vkv_device *device = NULL;
    vkv_scorer *scorer = NULL;
    n_taken = n_refused = 0;
    params.log.fn = count_lines;
    params.cache_dir = cache_dir;
    if (vkv_device_open(&params, &device) || vkv_scorer_create(device, &size, &scorer))
        fail_msg("%s", seen.last);
    vkv_scorer_destroy(&scorer);
    vkv_device_close(&device);
}

/* Entries of the folder; the last one's path goes into `file`. */
static unsigned count_files(void)
{
    unsigned n = 0;
    DIR *entries = opendir(folder);
    assert_non_null(entries);
    for (struct dirent *entry; (entry = readdir(entries));)
        if (entry->d_name[0] != '.') {
            snprintf(file, sizeof(file), "%s/%s", folder, entry->d_name);
            n++;
        }
    closedir(entries);
    return n;
}

static unsigned char *read_file(size_t *n)
{
    unsigned char *bytes = calloc(1, 1 << 24);
    FILE *stream = fopen(file, "rb");
    assert_non_null(bytes);
    assert_non_null(stream);
    *n = fread(bytes, 1, 1 << 24, stream);
    fclose(stream);
    return bytes;
}

static void write_file(const unsigned char *bytes, size_t n)
{
    FILE *stream = fopen(file, "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, n, stream), n);
    assert_int_equal(fclose(stream), 0);
}

static void written_and_read(void **state)
{
    struct stat st;
    (void)state;
    use(folder);
    assert_int_equal(n_taken, 0);
    assert_int_equal(count_files(), 1);
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    use(folder);
    assert_int_equal(n_taken, 1);
    assert_int_equal(count_files(), 1);
}

/* A changed byte, a cut, bytes too many, an empty file; then a good one takes its place. */
static void refused_and_made_anew(void **state)
{
    size_t n;
    (void)state;
    assert_int_equal(count_files(), 1);
    unsigned char *good = read_file(&n);
    const size_t at[] = {0, 24, 40, 60, n - 1};
    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
        good[at[i]] ^= 1;
        write_file(good, n);
        good[at[i]] ^= 1;
        use(folder);
        assert_int_equal(n_taken, 0);
        assert_int_equal(n_refused, 1);
    }
    const size_t lengths[] = {0, 88, n - 1, n + 1};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        write_file(good, lengths[i]);
        use(folder);
        assert_int_equal(n_taken, 0);
    }
    use(folder);
    assert_int_equal(n_taken, 1);
    free(good);
}

/* What lies in the file's place is neither waited for nor followed; a run puts the file there where it can. */
static void other_things_in_its_place(void **state)
{
    static const char *const things[] = {
        "a pipe", "a link to a good file", "a link to nothing", "a socket", "a device", "a folder"};
    char good[PATH_ROOM + 8];
    struct stat st;
    (void)state;
    assert_int_equal(count_files(), 1);
    snprintf(good, sizeof(good), "%s/.good", folder);
    for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int made = -1, fd = -1;
        assert_int_equal(rename(file, good), 0);
        if (i == 0)
            made = mkfifo(file, 0600);
        else if (i == 1 || i == 2)
            made = symlink(i == 1 ? ".good" : "nothing", file);
        else if (i == 3 && strlen(file) < sizeof(address.sun_path)) {
            strcpy(address.sun_path, file);
            fd = socket(AF_UNIX, SOCK_STREAM, 0);
            made = bind(fd, (struct sockaddr *)(void *)&address, sizeof(address));
        } else if (i == 4)
            made = mknod(file, S_IFCHR | 0600, makedev(1, 3)); /* root only */
        else if (i == 5)
            made = mkdir(file, 0700);
        if (fd >= 0)
            close(fd);
        if (!made) {
            use(folder);
            print_message("%s: refused %u times\n", things[i], n_refused);
            assert_int_equal(n_taken, 0);
            assert_int_equal(n_refused, 1);
            assert_int_equal(lstat(file, &st), 0);
            assert_true(i == 5 ? S_ISDIR(st.st_mode) : S_ISREG(st.st_mode));
            assert_int_equal(i == 5 ? rmdir(file) : unlink(file), 0);
            assert_int_equal(lstat(good, &st), 0);
        }
        assert_int_equal(rename(good, file), 0);
        assert_int_equal(count_files(), 1);
    }
    use(folder);
    assert_int_equal(n_taken, 1);
}

static void only_private_folders(void **state)
{
    (void)state;
    assert_int_equal(chmod(folder, 0755), 0);
    use(folder);
    assert_int_equal(n_taken, 0);
    assert_int_equal(chmod(folder, 0700), 0);
    assert_int_equal(count_files(), 1);
    use("/nonexistent/folder");
    assert_int_equal(n_taken, 0);
    use("");
    assert_int_equal(n_taken, 0);
    use(file);
    assert_int_equal(n_taken, 0);
    assert_int_equal(count_files(), 1);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

/* Removes the folder with all that is in it: a failed test may have left files, and a folder in a file's place. */
static int remove_folder(void **state)
{
    DIR *entries = opendir(folder);
    (void)state;
    for (struct dirent *entry; entries && (entry = readdir(entries));)
        if (unlinkat(dirfd(entries), entry->d_name, 0))
            unlinkat(dirfd(entries), entry->d_name, AT_REMOVEDIR);
    if (entries)
        closedir(entries);
    return rmdir(folder);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_and_read),
        cmocka_unit_test(refused_and_made_anew),
        cmocka_unit_test(other_things_in_its_place),
        cmocka_unit_test(only_private_folders),
    };
    device_arguments(argc, argv);
    vkv_device *device = open_device(); /* skips where there is none */
    vkv_device_close(&device);
    int failed = cmocka_run_group_tests(tests, make_folder, remove_folder);
    return failed || seen.n_validation;
}

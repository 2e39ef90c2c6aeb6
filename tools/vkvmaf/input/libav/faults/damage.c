/* Whether all of the video came, and what is done when it did not. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "input/libav/libav.h"

static bool is_ts(const struct reader *reader)
{
    return !strcmp(reader->libav->file->iformat->name, "mpegts");
}

/* The place of the video's last byte by the file's own index; 0: it has none. */
static uint64_t index_end(AVStream *stream)
{
    uint64_t end = 0;
    const int n = avformat_index_get_entries_count(stream);
    for (int i = 0; i < n; i++) {
        const AVIndexEntry *const entry = avformat_index_get_entry(stream, i);
        if (entry && entry->pos >= 0 && entry->size >= 0 && (uint64_t)entry->pos + (uint64_t)entry->size > end)
            end = (uint64_t)entry->pos + (uint64_t)entry->size;
    }
    return end;
}

/* The file itself is cut or damaged. */
static int file_is_damaged(struct reader *reader, const char *why)
{
    if (reader->options.damaged == DAMAGED_REFUSE)
        return reader_fail(reader, "%s; --damaged skip or conceal takes what is there", why);
    if (!*reader->file_damage)
        snprintf(reader->file_damage, sizeof(reader->file_damage), "%s", why);
    return 0;
}

static int check_index(struct reader *reader, uint64_t n_bytes)
{
    const uint64_t end = index_end(reader->libav->stream);
    char why[STRUCTURE_ROOM];
    if (end <= n_bytes || is_ts(reader))
        return 0;
    snprintf(why, sizeof(why), "is cut: %" PRIu64 " bytes, its index speaks of %" PRIu64, n_bytes, end);
    return file_is_damaged(reader, why);
}

/* No picture of MPEG-1 or MPEG-2 ends in ones: a block ends in a zero. Zeros are stuffing to its decoder. */
static bool is_filled_mpeg(const struct reader *reader)
{
    const struct source *const source = &reader->source;
    unsigned char last;
    return !strcmp(reader->libav->file->iformat->name, "mpegvideo") &&
           source_read_at(source->fd, source->base + source->size - 1, &last, 1) == 1 && last == 0xff;
}

void libav_leave_padding(struct reader *reader)
{
    struct source *const source = &reader->source;
    struct structure *const structure = &reader->libav->structure;
    const uint64_t padding = source_padding(source);
    if (padding == source->size)
        return;
    if (is_ts(reader))
        structure->end = ts_end(&reader->libav->ts, padding, source->size);
    else if (is_filled_mpeg(reader))
        structure->end = padding;
    else
        structure_read_records(source, reader->libav->file->iformat->name, structure);
    if (!structure->end || structure->end >= source->size || *structure->why)
        return;
    reader_remark(reader, "ends in %" PRIu64 " bytes that are all 0 or all 0xff, which are left out as padding",
                  source->size - structure->end);
    source->size = reader->libav->end = structure->end;
    libav_lock();
    reader->libav->complaints.is_of_file = false; /* complaints so far are of looking for an index at the end */
    libav_unlock();
}

/* A regular file's last packet is whole, as far as its first bytes tell where packets begin. */
static int check_ts_length(struct reader *reader)
{
    char why[STRUCTURE_ROOM];
    return ts_is_cut(&reader->libav->ts, reader->source.size, why) ? file_is_damaged(reader, why) : 0;
}

int libav_check_structure(struct reader *reader)
{
    struct libav *const av = reader->libav;
    const struct structure_stream stream = {av->file->iformat->name, av->stream->id, av->stream->index};
    if (!reader->source.is_regular)
        return 0;
    if (is_ts(reader))
        return check_ts_length(reader);
    if (!av->structure.end)
        structure_read(&reader->source, &stream, &av->structure);
    if (*av->structure.why)
        return file_is_damaged(reader, av->structure.why);
    return av->structure.is_known ? 0 : check_index(reader, reader->source.size);
}

/* The demuxer's complaints count where nothing else has looked through the file. */
static int check_demuxer(struct reader *reader)
{
    char text[SAID_ROOM], why[SAID_ROOM + 32];
    libav_lock();
    const bool is_bad = reader->libav->complaints.is_of_file;
    libav_unlock();
    if (!is_bad || reader->libav->structure.is_known || is_ts(reader))
        return 0;
    snprintf(why, sizeof(why), "is cut or damaged: %s", libav_reason(reader, AVERROR_INVALIDDATA, text));
    return file_is_damaged(reader, why);
}

/* Packets that hold something are in the file, and did not all come. */
static int check_count(struct reader *reader)
{
    const struct libav *const av = reader->libav;
    char why[STRUCTURE_ROOM];
    if (av->times.n_given < av->times.n_shown && !*reader->damage) {
        snprintf(why, sizeof(why), "gives %" PRIu64 " pictures, its packets hold %" PRIu64, av->times.n_given,
                 av->times.n_shown);
        return file_is_damaged(reader, why);
    }
    if (av->n_packets >= av->structure.n_packets)
        return 0;
    libav_lock();
    const bool has_said = av->complaints.is_of_file;
    libav_unlock();
    if (!has_said) /* edit lists leave samples out */
        return 0;
    snprintf(why, sizeof(why), "holds %" PRIu64 " pictures, of which %" PRIu64 " can be found", av->structure.n_packets,
             av->n_packets);
    return file_is_damaged(reader, why);
}

/* Notes packets that only fill a pipe up. */
static void note_filling(struct reader *reader)
{
    const uint64_t n = ts_filling(&reader->libav->ts);
    if (n && !*reader->file_damage)
        snprintf(reader->file_damage, sizeof(reader->file_damage),
                 "ends in %" PRIu64 " bytes that are all 0 or all 0xff, as padding is", n);
}

int libav_check_end(struct reader *reader)
{
    char text[SAID_ROOM];
    if (is_ts(reader))
        note_filling(reader);
    if (is_ts(reader) && ts_is_damaged(&reader->libav->ts, reader->libav->stream->id, text) &&
        file_is_damaged(reader, text))
        return -1;
    if (!*reader->damage && complaints_end(reader)) {
        char why[SAID_ROOM + 64];
        snprintf(why, sizeof(why), "lacks pictures after frame %" PRIu64 ": %s", reader->frame,
                 libav_reason(reader, AVERROR_INVALIDDATA, text));
        if (file_is_damaged(reader, why))
            return -1;
    }
    if (check_demuxer(reader) || check_count(reader))
        return -1;
    if (tail_is_cut(reader->libav) && file_is_damaged(reader, "ends inside its last picture"))
        return -1;
    return reader->source.is_regular ? 0 : check_index(reader, reader->source.position);
}

int libav_damaged(struct reader *reader, int code)
{
    char text[SAID_ROOM];
    if (reader->source.error)
        return reader_fail_errno(reader);
    libav_reason(reader, code, text);
    if (reader->options.damaged == DAMAGED_REFUSE || code == AVERROR(ENOMEM))
        return reader_fail(reader, "frame %" PRIu64 " cannot be decoded: %s; --damaged skip or conceal goes on",
                           reader->frame, text);
    return 0;
}

void libav_take_damaged(struct reader *reader)
{
    char text[SAID_ROOM];
    reader->is_damaged = true;
    if (!*reader->damage)
        snprintf(reader->damage, sizeof(reader->damage), "%s", libav_reason(reader, AVERROR_INVALIDDATA, text));
}

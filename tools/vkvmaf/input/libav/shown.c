/* How pictures are shown: turned and mirrored by a display matrix, with samples of some aspect. */
#include <inttypes.h>
#include <libavutil/display.h>

#include "input/libav/libav.h"

static const int32_t *matrix_of_stream(const AVStream *stream)
{
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 0)
    const AVCodecParameters *const parameters = stream->codecpar;
    const AVPacketSideData *const data =
        av_packet_side_data_get(parameters->coded_side_data, parameters->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
    return data && data->size >= ORIENT_MATRIX * sizeof(int32_t) ? (const int32_t *)(const void *)data->data : NULL;
#else
    size_t n = 0;
    const uint8_t *const data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &n);
    return data && n >= ORIENT_MATRIX * sizeof(int32_t) ? (const int32_t *)(const void *)data : NULL;
#endif
}

/* The pictures' own messages: H.264's and HEVC's, EXIF of JPEG. */
static const int32_t *matrix_of_frame(const AVFrame *frame)
{
    const AVFrameSideData *const data = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX);
    return data && data->size >= ORIENT_MATRIX * sizeof(int32_t) ? (const int32_t *)(const void *)data->data : NULL;
}

int libav_take_shown(struct reader *reader)
{
    const struct libav *const av = reader->libav;
    const int32_t *const said = matrix_of_frame(av->frame);
    const struct orient of_file = orient_of_matrix(matrix_of_stream(av->stream)), of_frame = orient_of_matrix(said);
    const AVRational aspect = av_guess_sample_aspect_ratio(av->file, av->stream, av->frame);
    char text[ORIENT_TEXT_ROOM], frame_text[ORIENT_TEXT_ROOM];
    if (said && !orient_is_none(&of_file) && !orient_is_equal(&of_file, &of_frame))
        return reader_fail(reader, "is shown %s as its container says, %s as its pictures say",
                           orient_text(&of_file, text), orient_text(&of_frame, frame_text));
    reader->format.orient = said ? of_frame : of_file;
    if (aspect.num > 0 && aspect.den > 0)
        reader->format.aspect = (struct sample_aspect){(uint32_t)aspect.num, (uint32_t)aspect.den};
    return 0;
}

/* A picture that says nothing is shown as those before. */
int libav_check_shown(struct reader *reader)
{
    const int32_t *const matrix = matrix_of_frame(reader->libav->frame);
    const struct orient orient = orient_of_matrix(matrix);
    char text[ORIENT_TEXT_ROOM], before[ORIENT_TEXT_ROOM];
    if (!matrix || orient_is_equal(&orient, &reader->format.orient))
        return 0;
    return reader_fail(reader, "frame %" PRIu64 " is shown %s, those before %s", reader->frame,
                       orient_text(&orient, text), orient_text(&reader->format.orient, before));
}

// zlib's init calls are macros, which Swift does not see (and its stream must stay at one address).
#include <zlib.h>

static inline int daybook_deflate_init(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 15, 8, Z_DEFAULT_STRATEGY);
}

static inline int daybook_inflate_init(z_stream *stream) {
    return inflateInit2(stream, 15);
}

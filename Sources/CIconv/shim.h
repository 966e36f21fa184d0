// glibc's converter streams; Foundation's wants whole buffers.
#include <iconv.h>

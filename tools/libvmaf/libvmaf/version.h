/* The version of libvmaf's interface. */
#ifndef VKVMAF_LIBVMAF_VERSION_H
#define VKVMAF_LIBVMAF_VERSION_H

#define VMAF_API_VERSION_MAJOR 3
#define VMAF_API_VERSION_MINOR 2
#define VMAF_API_VERSION_PATCH 0

#endif

// A virtual file driver for libhdf5 (H5FD_class_t) that keeps what is written in pages of memory.
//
// Pages that nothing is written to do not exist: space for an array can be allocated in the file
// without holding the array. Nothing here touches a file system, so no call can run into a full
// disk or a limit. Only memory can run out; the image remembers that, and libhdf5 is not told,
// because its way of giving up after a failed write can't be trusted.

#ifndef RECUR_IMAGE_DRIVER_H
#define RECUR_IMAGE_DRIVER_H

#include <hdf5.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if H5_VERSION_GE(1, 13, 2)
#include <H5FDdevelop.h>
#endif

enum { recur_page_size = 4096 };

/// The bytes of a file; outlives the libhdf5 file that fills it.
typedef struct recur_image {
  unsigned char **pages;
  size_t page_count;
  haddr_t allocated;  // what libhdf5 calls the end of allocated addresses: the size of the file
  haddr_t written;    // the end of the last byte written
  int is_incomplete;  // whether memory ran out, so that bytes are missing
} recur_image;

/// What the file access property list carries.
typedef struct recur_image_info {
  recur_image *image;
} recur_image_info;

typedef struct recur_image_file {
  H5FD_t common;  // libhdf5 requires this to come first
  recur_image *image;
} recur_image_file;

static inline recur_image *recur_image_make(void) {
  return (recur_image *)calloc(1, sizeof(recur_image));
}

static inline void recur_image_free(recur_image *image) {
  if (image == NULL) return;
  for (size_t index = 0; index < image->page_count; index++) free(image->pages[index]);
  free(image->pages);
  free(image);
}

static inline haddr_t recur_image_size(const recur_image *image) { return image->allocated; }
static inline int recur_image_is_incomplete(const recur_image *image) {
  return image->is_incomplete;
}

/// Copies bytes out of the image; zeros where nothing was written.
static inline void recur_image_read(
    const recur_image *image, haddr_t address, size_t size, unsigned char *target) {
  while (size > 0) {
    haddr_t page = address / recur_page_size;
    size_t offset = (size_t)(address % recur_page_size);
    size_t count = recur_page_size - offset;
    if (count > size) count = size;
    if (page < image->page_count && image->pages[page] != NULL) {
      memcpy(target, image->pages[page] + offset, count);
    } else {
      memset(target, 0, count);
    }
    address += count;
    target += count;
    size -= count;
  }
}

/// The page that holds `address`, made of zeros if it is new; NULL without memory for it.
static inline unsigned char *recur_image_page(recur_image *image, haddr_t address) {
  haddr_t page = address / recur_page_size;
  if (page >= image->page_count) {
    if (page >= SIZE_MAX / sizeof(unsigned char *) / 2) return NULL;
    size_t count = image->page_count < 64 ? 64 : image->page_count;
    while (count <= page) count *= 2;
    void *pages = realloc(image->pages, count * sizeof(unsigned char *));
    if (pages == NULL) return NULL;
    image->pages = (unsigned char **)pages;
    memset(
        image->pages + image->page_count, 0, (count - image->page_count) * sizeof(unsigned char *));
    image->page_count = count;
  }
  if (image->pages[page] == NULL) {
    image->pages[page] = (unsigned char *)calloc(1, recur_page_size);
  }
  return image->pages[page];
}

static inline recur_image *recur_image_of(const H5FD_t *file) {
  return ((const recur_image_file *)file)->image;
}

static inline H5FD_t *recur_driver_open(
    const char *name, unsigned flags, hid_t access, haddr_t limit) {
  (void)name;
  (void)flags;
  (void)limit;
  const recur_image_info *info = (const recur_image_info *)H5Pget_driver_info(access);
  if (info == NULL) return NULL;
  recur_image_file *file = (recur_image_file *)calloc(1, sizeof(recur_image_file));
  if (file == NULL) return NULL;
  file->image = info->image;
  return &file->common;
}

static inline herr_t recur_driver_close(H5FD_t *file) {
  free(file);
  return 0;
}

/// The features of libhdf5's own driver for files that decide where things are put.
static inline herr_t recur_driver_query(const H5FD_t *file, unsigned long *features) {
  (void)file;
  *features =
      H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_AGGREGATE_SMALLDATA;
  return 0;
}

static inline haddr_t recur_driver_allocated(const H5FD_t *file, H5FD_mem_t type) {
  (void)type;
  return recur_image_of(file)->allocated;
}

static inline herr_t recur_driver_allocate(H5FD_t *file, H5FD_mem_t type, haddr_t end) {
  (void)type;
  recur_image_of(file)->allocated = end;
  return 0;
}

static inline haddr_t recur_driver_written(const H5FD_t *file, H5FD_mem_t type) {
  (void)type;
  return recur_image_of(file)->written;
}

static inline herr_t recur_driver_read(
    H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size, void *target) {
  (void)type;
  (void)transfer;
  recur_image_read(recur_image_of(file), address, size, (unsigned char *)target);
  return 0;
}

static inline herr_t recur_driver_write(
    H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size,
    const void *source) {
  (void)type;
  (void)transfer;
  recur_image *image = recur_image_of(file);
  const unsigned char *bytes = (const unsigned char *)source;
  if (address > image->allocated || size > image->allocated - address) return -1;
  while (size > 0) {
    unsigned char *page = recur_image_page(image, address);
    if (page == NULL) {
      image->is_incomplete = 1;
      return 0;
    }
    size_t offset = (size_t)(address % recur_page_size);
    size_t count = recur_page_size - offset;
    if (count > size) count = size;
    memcpy(page + offset, bytes, count);
    address += count;
    bytes += count;
    size -= count;
  }
  if (address > image->written) image->written = address;
  return 0;
}

/// Makes the driver known to libhdf5; `H5FDunregister` ends that.
static inline hid_t recur_driver_register(void) {
  static const H5FD_class_t driver = {
#if H5_VERSION_GE(1, 13, 2)
    .version = H5FD_CLASS_VERSION,
    .value = (H5FD_class_value_t)511,  // 256 to 511 are free for anyone's use
#endif
    .name = "recur_image",
    .maxaddr = (haddr_t)INT64_MAX,
    .fc_degree = H5F_CLOSE_STRONG,
    .fapl_size = sizeof(recur_image_info),
    .open = recur_driver_open,
    .close = recur_driver_close,
    .query = recur_driver_query,
    .get_eoa = recur_driver_allocated,
    .set_eoa = recur_driver_allocate,
    .get_eof = recur_driver_written,
    .read = recur_driver_read,
    .write = recur_driver_write,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
  };
  return H5FDregister(&driver);
}

/// Makes `access` lead to `image`; the image must outlive the file.
static inline herr_t recur_use_image(hid_t access, hid_t driver, recur_image *image) {
  recur_image_info info = {image};
  return H5Pset_driver(access, driver, &info);
}

#endif

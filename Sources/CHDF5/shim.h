#include <hdf5.h>
#include <string.h>
#include "image_driver.h"

// Swift does not import HDF5's macros that call H5open() first; these hold what they expand to.
static inline hid_t recur_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t recur_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t recur_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t recur_c_string(void) { return H5T_C_S1; }
static inline hid_t recur_dataset_creation(void) { return H5P_DATASET_CREATE; }
static inline hid_t recur_link_creation(void) { return H5P_LINK_CREATE; }
static inline hid_t recur_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t recur_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t recur_big_endian_float(void) { return H5T_IEEE_F32BE; }
static inline hid_t recur_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t recur_create_file(const char *path, hid_t access) {
  return H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
}
static inline hid_t recur_variable_string(void) {
  hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, H5T_VARIABLE);
  return type;
}
static inline hid_t recur_fixed_string(size_t size, int is_blank_padded) {
  hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, size);
  H5Tset_strpad(type, is_blank_padded ? H5T_STR_SPACEPAD : H5T_STR_NULLPAD);
  return type;
}
static inline hid_t recur_half(void) {
  hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  H5Tset_fields(type, 15, 10, 5, 0, 10);
  H5Tset_size(type, 2);
  H5Tset_ebias(type, 15);
  return type;
}
static inline hid_t recur_opaque(size_t size) { return H5Tcreate(H5T_OPAQUE, size); }
static inline hid_t recur_compound(void) {
  hid_t type = H5Tcreate(H5T_COMPOUND, 8);
  H5Tinsert(type, "r", 0, H5T_NATIVE_FLOAT);
  H5Tinsert(type, "i", 4, H5T_NATIVE_FLOAT);
  return type;
}
static inline hid_t recur_scalar_space(void) { return H5Screate(H5S_SCALAR); }
static inline herr_t recur_use_compact_layout(hid_t creation) {
  return H5Pset_layout(creation, H5D_COMPACT);
}
static inline herr_t recur_write_early(hid_t creation) {
  return H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY);
}
static inline herr_t recur_hard_link(hid_t file, const char *target, const char *path) {
  return H5Lcreate_hard(file, target, file, path, H5P_DEFAULT, H5P_DEFAULT);
}
static inline herr_t recur_soft_link(hid_t file, const char *target, const char *path) {
  return H5Lcreate_soft(target, file, path, H5P_DEFAULT, H5P_DEFAULT);
}
static inline herr_t recur_external_link(
    hid_t file, const char *other, const char *target, const char *path) {
  return H5Lcreate_external(other, target, file, path, H5P_DEFAULT, H5P_DEFAULT);
}
static inline hid_t recur_unicode_string(void) {
  hid_t type = recur_variable_string();
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}
static inline hid_t recur_stored_float(void) { return H5T_IEEE_F32LE; }
static inline hid_t recur_stored_double(void) { return H5T_IEEE_F64LE; }
static inline hid_t recur_stored_int8(void) { return H5T_STD_I8LE; }
static inline hid_t recur_stored_int16(void) { return H5T_STD_I16LE; }
static inline hid_t recur_stored_int32(void) { return H5T_STD_I32LE; }
static inline hid_t recur_stored_int64(void) { return H5T_STD_I64LE; }
static inline hid_t recur_stored_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t recur_stored_uint16(void) { return H5T_STD_U16LE; }
static inline hid_t recur_stored_uint32(void) { return H5T_STD_U32LE; }
static inline hid_t recur_stored_uint64(void) { return H5T_STD_U64LE; }
// h5py's bool.
static inline hid_t recur_boolean(void) {
  signed char no = 0, yes = 1;
  hid_t type = H5Tenum_create(H5T_STD_I8LE);
  H5Tenum_insert(type, "FALSE", &no);
  H5Tenum_insert(type, "TRUE", &yes);
  return type;
}
static inline herr_t recur_use_earliest_format(hid_t access) {
  return H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST);
}
static inline haddr_t recur_no_address(void) { return HADDR_UNDEF; }

// The messages of the current error stack, innermost last, separated by ": "; cut to `size`.
typedef struct recur_text {
  char *bytes;
  size_t size;
  size_t count;
} recur_text;
static inline herr_t recur_append_error(unsigned depth, const H5E_error2_t *error, void *data) {
  recur_text *text = (recur_text *)data;
  const char *parts[2] = {depth > 0 ? ": " : "", error->desc != NULL ? error->desc : ""};
  for (int part = 0; part < 2; part++) {
    size_t length = strlen(parts[part]);
    if (length > text->size - text->count) length = text->size - text->count;
    memcpy(text->bytes + text->count, parts[part], length);
    text->count += length;
  }
  return 0;
}
static inline size_t recur_error_text(char *bytes, size_t size) {
  recur_text text = {bytes, size, 0};
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, recur_append_error, &text);
  return text.count;
}
static inline hid_t recur_group_creation(void) { return H5P_GROUP_CREATE; }
static inline hid_t recur_int8(void) { return H5T_NATIVE_INT8; }

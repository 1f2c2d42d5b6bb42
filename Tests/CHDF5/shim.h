#include <hdf5.h>

// Swift does not import HDF5's macros that call H5open() first; these hold what they expand to.
static inline hid_t recur_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t recur_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t recur_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t recur_c_string(void) { return H5T_C_S1; }
static inline hid_t recur_dataset_creation(void) { return H5P_DATASET_CREATE; }
static inline hid_t recur_link_creation(void) { return H5P_LINK_CREATE; }

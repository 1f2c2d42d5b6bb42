// Plain C, for processors without other kernels here, and as the reference in tests of the other
// kernels.
#define KERNELS recur_kernels_scalar
#define KERNELS_NAME "scalar"
#define NARROW(type) NARROW_NAME(type)
#define NARROW_NAME(type) recur_##type##_scalar
#define LANES 1
#define HAS_FMA 0
#define ROWS 2
#define CHAINS 2
#define CHAINED_PANELS 0

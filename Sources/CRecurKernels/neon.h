// AArch64: 32 registers of 4 floats.
#define KERNELS recur_kernels_neon
#define KERNELS_NAME "neon"
#define NARROW(type) NARROW_NAME(type)
#define NARROW_NAME(type) recur_##type##_neon
#define LANES 4
#define HAS_FMA 1
#define ROWS 6
#define CHAINS 4
#define CHAINED_PANELS 2

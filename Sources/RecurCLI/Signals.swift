#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the process does about signals that files and disks can cause.
enum Signals {
  static func prepare() {
    // A full quota (RLIMIT_FSIZE) must be a failed write with a message, not a death.
    _ = signal(SIGXFSZ, SIG_IGN)
    // Touching a mapped page that is no longer in the file: somebody cut the file while it was read.
    _ = signal(SIGBUS) { _ in
      let message: StaticString = "error[file.changed]: an input became shorter while it was read\n"
      _ = unsafe write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
      _exit(2)
    }
  }
}

import Synchronization

/// The workspaces of a program that no run is using.
///
/// The one used last is taken and given back without a lock.
@safe final class WorkspacePool: Sendable {
  private let latest = unsafe Atomic<Unmanaged<Workspace>?>(nil)
  private let others = Mutex<[Workspace]>([])
  private let capacity: Int

  init(capacity: Int) { self.capacity = capacity }

  /// A workspace that fits, or nil; from now on the caller's alone.
  func take(where fits: (borrowing Workspace) -> Bool) -> Workspace? {
    if let latest = unsafe latest.exchange(nil, ordering: .acquiringAndReleasing) {
      let workspace = unsafe latest.takeRetainedValue()
      if fits(workspace) { return workspace }
      keep(workspace)
    }
    return others.withLock { others in
      others.lastIndex { fits($0) }.map { others.remove(at: $0) }
    }
  }

  /// Takes a workspace back.
  func give(_ workspace: consuming Workspace) {
    let retained = unsafe Unmanaged.passRetained(workspace)
    if let before = unsafe latest.exchange(retained, ordering: .acquiringAndReleasing) {
      keep(unsafe before.takeRetainedValue())
    }
  }

  private func keep(_ workspace: Workspace) {
    others.withLock { others in
      others.append(workspace)
      if others.count > capacity { others.removeFirst() }
    }
  }

  deinit {
    if let rest = unsafe latest.exchange(nil, ordering: .acquiringAndReleasing) {
      unsafe rest.release()
    }
  }
}

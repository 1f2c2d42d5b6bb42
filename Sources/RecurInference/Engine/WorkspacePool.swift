import RecurTensors
import Synchronization

/// The workspaces of a program that no run is using.
///
/// The workspace used last is taken and returned without a lock and without reference counting,
/// because either would take about as long as a call of one timestep.
@safe final class WorkspacePool: Sendable {
  private let latest = unsafe Atomic<Unmanaged<Workspace>?>(nil)
  private let others = Mutex<[Workspace]>([])
  private let capacity: Int

  init(capacity: Int) { self.capacity = capacity }

  /// Runs `body` in a suitable workspace, which no other run uses meanwhile.
  ///
  /// - Parameters:
  ///   - fits: whether a workspace is suitable.
  ///   - make: makes a new workspace when no free one is suitable.
  ///   - body: has the workspace to itself, and does not keep it.
  /// - Returns: what `body` returns.
  /// - Throws: what `make` and `body` throw.
  @inline(__always)
  func with<Result>(
    _ fits: (borrowing Workspace) -> Bool, make: () throws(CheckpointError) -> Workspace,
    _ body: (borrowing Workspace) throws(CheckpointError) -> Result
  ) throws(CheckpointError) -> Result {
    let workspace =
      if let ready = unsafe take(fits) { unsafe ready } else {
        unsafe Unmanaged.passRetained(try make())
      }
    let result = unsafe workspace._withUnsafeGuaranteedRef {
      workspace -> Swift.Result<Result, Caught> in
      do throws(CheckpointError) { return .success(try body(workspace)) } catch {
        return .failure(Caught(error))
      }
    }
    unsafe give(workspace)
    do throws(Caught) { return try result.get() } catch { throw error.error }
  }

  /// A boxed error, one pointer wide, so that testing for success takes no time.
  private final class Caught: Error {
    let error: CheckpointError

    init(_ error: CheckpointError) { self.error = error }
  }

  @inline(__always)
  private func take(_ fits: (borrowing Workspace) -> Bool) -> Unmanaged<Workspace>? {
    if let latest = unsafe latest.exchange(nil, ordering: .acquiringAndReleasing) {
      if unsafe latest._withUnsafeGuaranteedRef(fits) { return unsafe latest }
      keep(unsafe latest.takeRetainedValue())
    }
    let other = others.withLock { others in
      others.lastIndex { fits($0) }.map { others.remove(at: $0) }
    }
    return unsafe other.map { unsafe Unmanaged.passRetained($0) }
  }

  @inline(__always)
  private func give(_ workspace: Unmanaged<Workspace>) {
    if let before = unsafe latest.exchange(workspace, ordering: .acquiringAndReleasing) {
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

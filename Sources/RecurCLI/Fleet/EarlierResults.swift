#if CommandLine
  import Recur
  import RecurContainers
  import RecurTensors

  /// The results of an earlier run, for files that are as they were then.
  ///
  /// Only the places of lines are in memory.
  struct EarlierResults: Sendable {
    /// What was said of one file.
    struct Result: Sendable {
      /// Its lines, the result last.
      let text: String
      let tally: Tally
      let status: CInt
      let isCompared: Bool
    }

    private struct Place: Sendable {
      let start: Int
      let end: Int
    }

    private let bytes: ByteRegion
    /// The lines about files, by the hashes of their paths.
    private var places: [UInt64: Place] = [:]

    /// Reads the lines of the file at `path`.
    ///
    /// The last line may be cut off, as it is when a run was stopped. Of several results of one file the last
    /// counts.
    ///
    /// - Throws: `file.unreadable`, `fleet.resume-invalid`.
    init?(_ path: String) throws(CheckpointError) {
      do throws(CheckpointError) {
        bytes = ByteRegion(try ByteStorage(mapping: path))
      } catch {
        // Nothing was done then.
        guard error.diagnostic.code == .fileEmpty else { throw error }
        return nil
      }
      var (start, first, number) = (0, 0, 1)
      while let (line, end) = Self.line(bytes, from: start) {
        guard line.isWhole || end < bytes.count else { break }
        let value: JSONValue
        do throws(CheckpointError) {
          value = try JSONParser.parse(line.bytes)
        } catch {
          if end == bytes.count { break }
          throw Self.invalid(path, number)
        }
        switch value["type"]?.string {
        case "result":
          guard let file = value["file"]?.string else { throw Self.invalid(path, number) }
          places[PathHash.of(file)] = Place(start: first, end: end)
          first = end
        case "diagnostic": break
        case "summary": first = end
        default: throw Self.invalid(path, number)
        }
        start = end
        number += 1
      }
    }

    /// What was said of `file`, if nothing that was read for it has changed since.
    ///
    /// - Parameters:
    ///   - file: the path, as it was then.
    ///   - settings: the digest of what the file is judged by.
    /// - Returns: the lines; nil where the file must be judged.
    func result(of file: String, settings: String) -> Result? {
      guard let place = places[PathHash.of(file)] else { return nil }
      var tally = Tally()
      var at = place.start
      while at < place.end, let (line, end) = Self.line(bytes, from: at),
        let value = try? JSONParser.parse(line.bytes)
      {
        at = end
        switch value["severity"]?.string {
        case "error": tally.errors += 1
        case "warning": tally.warnings += 1
        case "note": tally.notes += 1
        default: break
        }
        guard at == place.end else { continue }
        guard value["file"]?.string == file, value["settings"]?.string == settings,
          value["schema_version"]?.integer == JSONReport.version,
          Self.isUnchanged(file, value), let status = value["status"]?.integer,
          let text = try? bytes.slice(at: place.start, length: place.end - place.start).bytes()
        else { return nil }
        tally.add(
          verdict: value["verdict"]?.string ?? "FAIL", basis: value["basis"]?.string,
          SuppressedCounts(
            ignored: value["suppressed"]?["ignored"]?.integer ?? 0,
            inBaseline: value["suppressed"]?["baseline"]?.integer ?? 0))
        return Result(
          text: String(decoding: text, as: UTF8.self), tally: tally,
          status: CInt(truncatingIfNeeded: status), isCompared: value["golden"] != nil)
      }
      return nil
    }

    private static func isUnchanged(_ file: String, _ value: JSONValue) -> Bool {
      guard let digest = value["digest"]?.string, SHA256.digest(ofFile: file) == digest else {
        return false
      }
      for input in value["inputs"]?.array ?? [] {
        guard let path = input["file"]?.string, let digest = input["digest"]?.string,
          SHA256.digest(ofFile: path) == digest
        else { return false }
      }
      return true
    }

    /// The line at `start` without its end, and where the next one begins.
    private static func line(
      _ bytes: ByteRegion, from start: Int
    ) -> (line: (bytes: ByteRegion, isWhole: Bool), end: Int)? {
      guard start < bytes.count else { return nil }
      let length = bytes.withBytes { all in
        unsafe all.withUnsafeBytes { unsafe $0[start...].firstIndex(of: 0x0A) }.map { $0 - start }
      }
      guard let line = try? bytes.slice(at: start, length: length ?? bytes.count - start) else {
        return nil
      }
      return ((line, length != nil), start + line.count + (length == nil ? 0 : 1))
    }

    private static func invalid(_ path: String, _ number: Int) -> CheckpointError {
      CheckpointError(
        .fleetResumeInvalid, "line \(number) is no result of 'recur validate --format ndjson'",
        at: .init(file: path),
        hint: "leave out --resume, or give the file that the earlier run wrote")
    }
  }

  extension Diagnostic.Code {
    static let fleetResumeInvalid = Self(rawValue: "fleet.resume-invalid")
  }
#endif

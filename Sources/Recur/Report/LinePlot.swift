import RecurTensors

/// Two courses over the same axis, or one.
struct LinePlot {
  /// One course.
  struct Course {
    let name: String
    /// The style: `a` is drawn through, `b` is dashed.
    let style: String
    let values: [Double]
  }

  /// What lies along the axis: `timestep`, `unit`.
  let axis: String
  let courses: [Course]
  /// Whether values are drawn by their logarithm.
  var isLogarithmic = false
  /// A value that is drawn as a line, such as a tolerance.
  var limit: (name: String, value: Double)?
  /// A position on the axis that is marked.
  var mark: (name: String, position: Int)?

  private static let (width, height) = (640.0, 190.0)
  private static let (left, right, top, bottom) = (62.0, 18.0, 18.0, 30.0)
  /// The smallest number that a logarithmic axis shows.
  private static let least = 1e-12
  /// The most points of a course; of more, the extremes of each stretch are drawn.
  private static let limitOfPoints = 800

  private var count: Int { courses.map(\.values.count).max() ?? 0 }

  private func scaled(_ value: Double) -> Double {
    guard isLogarithmic else { return value }
    return Self.logarithm(max(value.isFinite ? value : 1e12, Self.least))
  }

  /// The logarithm to base 10, to two digits behind the point, so that every machine draws the same.
  private static func logarithm(_ value: Double) -> Double {
    var (rest, exponent) = (value, 0.0)
    while rest >= 10 { (rest, exponent) = (rest / 10, exponent + 1) }
    while rest < 1 { (rest, exponent) = (rest * 10, exponent - 1) }
    // Squaring gives one binary digit of the fraction after the other.
    var (fraction, step) = (0.0, 0.5)
    for _ in 0..<12 {
      rest *= rest
      if rest >= 10 { (rest, fraction) = (rest / 10, fraction + step) }
      step /= 2
    }
    return exponent + fraction
  }

  /// The lower and the upper end of the axis of values.
  private var range: (low: Double, high: Double) {
    var values = courses.flatMap { $0.values.filter(\.isFinite).map(scaled) }
    if let limit { values.append(scaled(limit.value)) }
    let (low, high) = (values.min() ?? 0, values.max() ?? 1)
    if isLogarithmic { return (low.rounded(.down), max(high.rounded(.up), low.rounded(.down) + 1)) }
    let margin = high > low ? (high - low) * 0.06 : max(high.magnitude * 0.1, 0.1)
    return (low - margin, high + margin)
  }

  /// The values that are written beside the axis; whole powers of ten on a logarithmic one.
  private func ticks(_ range: (low: Double, high: Double)) -> [Double] {
    guard isLogarithmic else {
      return (0...4).map { range.low + (range.high - range.low) * Double($0) / 4 }
    }
    let step = max(((range.high - range.low) / 5).rounded(.up), 1)
    return Array(stride(from: range.low, through: range.high, by: step))
  }

  private func x(_ position: Int) -> Double {
    let span = Self.width - Self.left - Self.right
    return Self.left + span * Double(position) / Double(max(count - 1, 1))
  }

  private func y(_ value: Double, _ range: (low: Double, high: Double)) -> Double {
    let span = Self.height - Self.top - Self.bottom
    let part = (scaled(value) - range.low) / (range.high - range.low)
    return Self.height - Self.bottom - span * min(max(part, 0), 1)
  }

  /// The picture; `title` is read out in its place.
  func svg(_ title: String) -> String {
    let range = range
    let (right, floor) = (Self.width - Self.right, Self.height - Self.bottom)
    var parts = [
      "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" aria-label=\"\(markup(title))\">",
      "<title>\(markup(title))</title>",
      "<rect class=\"frame\" x=\"\(place(Self.left))\" y=\"\(place(Self.top))\" width=\"\(place(right - Self.left))\" height=\"\(place(floor - Self.top))\"/>",
    ]
    for value in ticks(range) {
      let height = floor - (floor - Self.top) * (value - range.low) / (range.high - range.low)
      let text = isLogarithmic ? "1e\(Int(value))" : short(value, digits: 3)
      parts.append(
        "<path class=\"grid\" d=\"M\(place(Self.left)) \(place(height))H\(place(right))\"/>"
          + "<text x=\"\(place(Self.left - 5))\" y=\"\(place(height + 4))\" text-anchor=\"end\">\(text)</text>"
      )
    }
    for tick in Set((0...4).map { max(count - 1, 0) * $0 / 4 }).sorted() {
      parts.append(
        "<text x=\"\(place(x(tick)))\" y=\"\(place(floor + 14))\" text-anchor=\"middle\">\(tick)</text>"
      )
    }
    parts.append(
      "<text x=\"\(place(right))\" y=\"\(place(floor + 27))\" text-anchor=\"end\">\(axis)</text>")
    for course in courses { parts.append(path(of: course, range)) }
    if let limit {
      let height = y(limit.value, range)
      parts.append(
        "<path class=\"limit\" d=\"M\(place(Self.left)) \(place(height))H\(place(right))\"/>"
          + "<text x=\"\(place(Self.left + 4))\" y=\"\(place(height - 3))\">\(markup(limit.name)) \(scientific(limit.value))</text>"
      )
    }
    if let mark {
      let isRight = mark.position > count / 2
      parts.append(
        "<path class=\"cross\" d=\"M\(place(x(mark.position))) \(place(Self.top))V\(place(floor))\"/>"
          + "<text x=\"\(place(x(mark.position) + (isRight ? -4 : 4)))\" y=\"\(place(Self.top - 5))\" "
          + "text-anchor=\"\(isRight ? "end" : "start")\">\(markup(mark.name)) \(mark.position)</text>"
      )
    }
    return parts.joined(separator: "\n") + "</svg>"
  }

  private func path(of course: Course, _ range: (low: Double, high: Double)) -> String {
    var text = ""
    var isOpen = false
    for position in Self.drawn(course.values) {
      let value = course.values[position]
      guard value.isFinite || isLogarithmic else {
        isOpen = false
        continue
      }
      text += (isOpen ? "L" : "M") + "\(place(x(position))) \(place(y(value, range)))"
      isOpen = true
    }
    return "<path class=\"\(course.style)\" d=\"\(text)\"/>"
  }

  /// The positions that are drawn: all of them, or the lowest and the highest value of each stretch.
  private static func drawn(_ values: [Double]) -> [Int] {
    guard values.count > limitOfPoints else { return Array(values.indices) }
    let length = (2 * values.count + limitOfPoints - 1) / limitOfPoints
    return stride(from: 0, to: values.count, by: length).flatMap { start -> [Int] in
      let part = start..<min(start + length, values.count)
      let low = part.min { values[$0] < values[$1] } ?? start
      let high = part.max { values[$0] < values[$1] } ?? start
      return Set([low, high]).sorted()
    }
  }

  /// The numbers of all courses, of at most 200 positions.
  var numbers: HTMLTable {
    var table = HTMLTable([axis] + courses.map(\.name), numeric: Set(0...courses.count))
    let step = max((count + 199) / 200, 1)
    for position in stride(from: 0, to: count, by: step) {
      table.add(
        ["\(position)"]
          + courses.map { course in
            guard course.values.indices.contains(position) else { return "" }
            let value = course.values[position]
            return isLogarithmic && value.isFinite ? scientific(value) : short(value)
          })
    }
    return table
  }
}

/// A coordinate with one digit behind the point.
func place(_ value: Double) -> String {
  let tenths = Int((value * 10).rounded())
  return tenths % 10 == 0
    ? "\(tenths / 10)" : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
}

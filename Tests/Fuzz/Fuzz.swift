import DaybookModel
import Foundation

/// Named by the environment: libFuzzer has its own arguments.
private let decoder: Decoder = {
    let name = ProcessInfo.processInfo.environment["DAYBOOK_FUZZ_DECODER"] ?? ""
    guard let decoder = Decoder(rawValue: name) else {
        let names = Decoder.allCases.map(\.rawValue).joined(separator: " ")
        FileHandle.standardError.write(Data("DAYBOOK_FUZZ_DECODER is one of \(names)\n".utf8))
        exit(64)
    }
    return decoder
}()

/// What libFuzzer calls; its own `main` is linked in.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    decoder.take(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

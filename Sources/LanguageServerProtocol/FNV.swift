extension Sequence<UInt8> {
  /// Their hash by FNV-1a (64 bits), which is the same on every machine and in every run.
  public var fnv1a: UInt64 {
    reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}

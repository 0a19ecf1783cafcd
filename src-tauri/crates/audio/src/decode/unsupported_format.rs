//! Names known formats that cannot be played.

/// Returns the format's name if the first bytes identify it.
pub fn name(head: &[u8]) -> Option<&'static str> {
    const ASF: &[u8] = &[0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11];
    const KNOWN: &[(&[u8], &str)] = &[
        (b"MAC ", "Monkey's Audio"),
        (b"MPCK", "Musepack"),
        (b"MP+", "Musepack"),
        (b"OFR ", "OptimFROG"),
        (b"tBaK", "TAK"),
        (b"ajkg", "Shorten"),
        (ASF, "Windows Media"),
        (b"\x0B\x77", "AC-3"),
        (b"\x7F\xFE\x80\x01", "DTS"),
        (b".RMF", "RealAudio"),
        (b"#!AMR", "AMR"),
        (b"MThd", "MIDI"),
        (b"Extended Module: ", "a tracker module"),
        (b"IMPM", "a tracker module"),
        (b"\x89PNG", "a picture"),
        (b"\xFF\xD8\xFF", "a picture"),
        (b"%PDF", "a PDF document"),
        (b"PK\x03\x04", "a ZIP archive"),
    ];
    match head {
        [0x56, sync, ..] if sync & 0xE0 == 0xE0 => return Some("an AAC broadcast stream (LATM)"),
        [b'O', b'g', b'g', b'S', ..] if head.get(28..).is_some_and(|packet| packet.starts_with(b"Speex   ")) => {
            return Some("Speex");
        }
        _ if head.get(44..).is_some_and(|rest| rest.starts_with(b"SCRM")) => return Some("a tracker module"),
        _ => {}
    }
    KNOWN.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, name)| *name)
}

//! Mastered export, by `auralis master` and by a client's command.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use super::support::app::TempHome;
use super::support::client::Client;
use super::support::music::{FORMATS, make_long_track, make_track, make_tracks};
use super::support::process::{Process, run};
use super::support::wait_for;

/// Runs `auralis master`. Returns whether it succeeded, its stdout and its stderr.
fn master(arguments: &[&str]) -> (bool, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_auralis")).arg("master").args(arguments).output().expect("runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// Makes a track with a gain, and with a cover if its format is FLAC.
fn track(folder: &Path, name: &str, encoder: &[&str], gain_db: i32) -> PathBuf {
    let (loud, path) = (folder.join("loud.wav"), folder.join(name));
    make_track(&loud, "A name", 7, 6.0, 7, &["-c:a", "pcm_s24le"]);
    let gain = format!("volume={gain_db}dB");
    let mut arguments = vec!["-v", "error", "-y", "-i", text(&loud)];
    let cover = ["-f", "lavfi", "-i", "color=red:s=64x64:r=1:d=1", "-frames:v", "1", "-map", "0", "-map", "1"];
    if name.ends_with("flac") {
        arguments.extend(cover);
        arguments.extend(["-c:v", "png", "-disposition:v", "attached_pic"]);
    }
    arguments.extend(["-af", &gain, "-metadata", "REPLAYGAIN_TRACK_GAIN=-1.00 dB"]);
    arguments.extend(encoder);
    arguments.push(text(&path));
    run("ffmpeg", &arguments);
    std::fs::remove_file(loud).expect("there");
    path
}

/// Returns integrated loudness (LUFS) and true peak (dBTP), measured by ffmpeg.
fn measure_loudness(path: &Path) -> (f32, f32) {
    let filter = ["-af", "ebur128=peak=true", "-f", "null", "-"];
    let output = Command::new("ffmpeg").args(["-hide_banner", "-nostats", "-i", text(path)]).args(filter).output();
    let said = String::from_utf8_lossy(&output.expect("ffmpeg").stderr).into_owned();
    let summary = said.rsplit_once("Summary:").expect("a summary").1.to_owned();
    let number = |name: &str| {
        let (_, value) = summary.split_once(name).expect("said");
        value.split_whitespace().next().and_then(|value| value.parse().ok()).expect("a number")
    };
    (number("I:"), number("Peak:"))
}

fn tags(path: &Path) -> String {
    let show = [
        "-v",
        "error",
        "-show_entries",
        "format_tags:stream_tags:stream=codec_name,sample_rate",
        "-of",
        "flat",
        text(path),
    ];
    String::from_utf8_lossy(&run("ffprobe", &show)).into_owned()
}

#[test]
fn every_format_is_mastered_with_its_tags() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("new");
    for (name, extension, encoder) in FORMATS {
        let from = track(folder.path(), &format!("{name}.{extension}"), encoder, -4);
        let (done, printed, complaint) = master(&[text(&from), "-o", text(&out)]);
        let to = out.join(format!("{name}.flac"));
        assert!(done && printed.trim() == text(&to), "{name}: {printed}{complaint}");
        let (loudness_lufs, peak_dbtp) = measure_loudness(&to);
        assert!(loudness_lufs > -18.0 && peak_dbtp <= -1.0, "{name}: {loudness_lufs} LUFS, {peak_dbtp} dBTP");
        let tags = tags(&to);
        for part in ["A name", "The Generators", "Formats", "Noise"] {
            assert!(tags.contains(part), "{name}: {tags}");
        }
        assert!(!tags.to_lowercase().contains("replaygain"), "{name}: {tags}");
        assert_eq!(tags.contains("png"), name == "FLAC", "{name}: {tags}");
    }
}

#[test]
fn album_keeps_relative_loudness_and_overwrites_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let [loud, soft] = [("a.flac", -2), ("b.flac", -8)].map(|(name, gain_db)| track(folder.path(), name, &[], gain_db));
    let out = folder.path().join("new");
    let arguments = [text(&loud), text(&soft), "--album", "--format", "wav", "--preset", "warm", "-o", text(&out)];
    let (done, printed, complaint) = master(&arguments);
    assert!(done && printed.lines().count() == 2, "{printed}{complaint}");
    let [loud_lufs, soft_lufs] = ["a.wav", "b.wav"].map(|name| measure_loudness(&out.join(name)).0);
    assert!((loud_lufs - soft_lufs - 6.0).abs() < 0.7, "{loud_lufs} and {soft_lufs} LUFS");

    let before = std::fs::read(out.join("a.wav")).expect("there");
    let (done, _, complaint) = master(&arguments);
    assert!(!done && complaint.contains("a.wav"), "{complaint}");
    assert_eq!(std::fs::read(out.join("a.wav")).expect("there"), before);
    let left = std::fs::read_dir(&out).expect("a folder").count();
    assert_eq!(left, 2, "nothing unfinished is left");
    let (done, _, complaint) = master(&["/no/such.flac", "-o", text(&out)]);
    assert!(!done && complaint.contains("/no/such.flac"), "{complaint}");
}

/// Names of a folder's files, including hidden ones.
fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("readable").file_name();
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| name(entry).to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn sigterm_leaves_no_partial_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let (long, out) = (folder.path().join("long.flac"), folder.path().join("new"));
    make_long_track(&long, 10);
    for signal in ["INT", "TERM", "HUP"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_auralis"));
        let mut process = Process::start(command.args(["master", text(&long), "-o", text(&out)]));
        wait_for("an unfinished file", || names(&out).iter().any(|name| name.starts_with(".auralis-")).then_some(()));
        process.signal(signal);
        assert!(!process.wait(), "it did not end well");
        assert_eq!(names(&out), [""; 0], "after {signal}");
    }
}

/// Sends the command that exports all tracks.
fn export(client: &mut Client, folder: &Path, album: bool) -> serde_json::Value {
    let tracks = json!({"from": "ids", "ids": client.track_ids()});
    json!({"do": "export_mastered", "tracks": tracks, "folder": folder, "format": "flac", "bits": 24, "album": album})
}

#[test]
fn client_export_equals_command_line_export() {
    let home = TempHome::new();
    make_tracks(&home.music(), 3, 5.0);
    let app = home.start().with_music(&home.music());
    let client = &mut app.client();
    client.wait_until("the analysis", |view| view["mastering"]["analysis"]["analysed"] == 3);
    client.run(json!({"do": "set_mastering", "preset": "warm", "intensity": 0.75}));
    let [new, other] = ["new", "other"].map(|name| home.path().join(name));
    let wanted = export(client, &new, true);
    client.run(wanted.clone());
    client.wait_until("the end", |view| view["export"].is_null() && view["notices"] != json!([]));
    let notice = &client.view["notices"][0];
    assert_eq!((&notice["kind"], &notice["subject"]), (&json!("exported"), &json!(new)));
    assert_eq!(names(&new), ["001.flac", "002.flac", "003.flac"]);
    assert!(tags(&new.join("002.flac")).contains("Track 002"));

    let files: Vec<_> = (1..=3).map(|number| home.music().join(format!("{number:03}.flac"))).collect();
    let how = ["--album", "--preset", "warm", "--intensity", "75", "-o", text(&other)];
    let (done, _, complaint) = master(&files.iter().map(|file| text(file)).chain(how).collect::<Vec<_>>());
    assert!(done, "{complaint}");
    for name in names(&new) {
        assert_eq!(std::fs::read(new.join(&name)).expect("there"), std::fs::read(other.join(&name)).expect("there"));
    }

    client.run(wanted);
    client.wait_until("what is wrong", |view| view["notices"][1]["kind"] == "export_failed");
    assert_eq!(client.view["notices"][1]["subject"], json!(new.join("001.flac")));
    client.wait_until("the end", |view| view["export"].is_null());
}

#[test]
fn export_reports_progress_and_can_be_cancelled() {
    let home = TempHome::new();
    std::fs::create_dir_all(home.music()).expect("a folder");
    make_long_track(&home.music().join("long.flac"), 30);
    let app = home.start().with_music(&home.music());
    let (client, other) = (&mut app.client(), &mut app.client());
    let new = home.path().join("new");
    let wanted = export(client, &new, false);
    client.run(wanted.clone());
    other.wait_until("progress", |view| view["export"]["part"].as_f64() > Some(0.0));
    assert_eq!((&other.view["export"]["done"], &other.view["export"]["total"]), (&json!(0), &json!(1)));
    assert_eq!(client.command(wanted.clone()), Err("not_possible".into()), "one at a time");
    other.run(json!({"do": "cancel_export"}));
    client.wait_until("the end", |view| view["export"].is_null());
    assert_eq!((names(&new), &client.view["notices"]), (vec![], &json!([])));

    // Quitting cancels it too.
    client.run(wanted);
    wait_for("an unfinished file", || (!names(&new).is_empty()).then_some(()));
    let mut app = app;
    app.process.signal("TERM");
    assert!(app.process.wait());
    assert_eq!(names(&new), [""; 0]);
}

#[test]
fn cue_track_is_exported_as_its_own_file() {
    let home = TempHome::new();
    std::fs::create_dir_all(home.music()).expect("a folder");
    let sheet = "CUESHEET=PERFORMER \"The Parts\"\nTITLE \"Cut\"\nFILE \"whole.flac\" WAVE\n\
                 TRACK 01 AUDIO\nTITLE \"One/Half\"\nINDEX 01 00:00:00\n\
                 TRACK 02 AUDIO\nTITLE \"The other\"\nINDEX 01 00:04:00\n";
    let encoder = ["-c:a", "flac", "-metadata", sheet];
    make_track(&home.music().join("whole.flac"), "All of it", 9, 10.0, 3, &encoder);
    let app = home.start().with_music(&home.music());
    let client = &mut app.client();
    let new = home.path().join("new");
    let wanted = export(client, &new, true);
    client.run(wanted);
    client.wait_until("the end", |view| view["export"].is_null() && view["notices"] != json!([]));
    assert_eq!(names(&new), ["01 OneHalf.flac", "02 The other.flac"], "{}", client.view["notices"]);
    let part = new.join("02 The other.flac");
    let tags = tags(&part);
    assert!(tags.contains("The other") && !tags.contains("CUESHEET") && !tags.contains("All of it"), "{tags}");
    let shown = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", text(&part)];
    assert!(String::from_utf8_lossy(&run("ffprobe", &shown)).starts_with("6.0"));
}

#[test]
fn pairs_for_comparison_are_equally_loud() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("pairs");
    let quiet = track(folder.path(), "quiet.flac", &["-c:a", "flac"], -16);
    let (success, written, stderr) =
        master(&[text(&quiet), "--compare", "-o", text(&out), "--preset", "warm", "--format", "wav"]);
    assert!(success, "{stderr}");
    let [a, b] = ["quiet A.wav", "quiet B.wav"].map(|name| out.join(name));
    assert_eq!(written.lines().count(), 3, "{written}");
    let key = std::fs::read_to_string(out.join("key.txt")).expect("a key file");
    assert!(key.contains("mastered (") && key.contains("unprocessed ("), "{key}");
    // ffmpeg prints one decimal.
    assert!((measure_loudness(&a).0 - measure_loudness(&b).0).abs() < 0.11, "{key}");
    let lufs: Vec<f32> =
        key.lines().filter_map(|line| line.rsplit_once('(')?.1.split_whitespace().next()?.parse().ok()).collect();
    assert!(lufs.len() == 2 && (lufs[0] - lufs[1]).abs() <= 0.05, "{key}");
    assert_ne!(std::fs::read(a).expect("written"), std::fs::read(b).expect("written"));
}

#[test]
fn analyse_prints_measurements_and_the_mastering() {
    let folder = tempfile::tempdir().expect("a folder");
    let quiet = track(folder.path(), "quiet.flac", &["-c:a", "flac"], -16);
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_auralis")).arg("analyse").args(arguments).output().expect("runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let lines = run(&["--json", text(&quiet), text(&quiet)]);
    let objects: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(objects.len(), 2);
    let number = |pointer: &str| objects[0].pointer(pointer).and_then(serde_json::Value::as_f64).expect(pointer);
    let (lufs, peak) = measure_loudness(&quiet);
    assert!((number("/loudness/integrated_lufs") - f64::from(lufs)).abs() < 0.2, "{lines}");
    assert!((number("/loudness/true_peak_dbtp") - f64::from(peak)).abs() < 0.3, "{lines}");
    assert!((0.0..=1.0).contains(&number("/findings/tone/certainty")), "{lines}");
    assert!(number("/mastering/stages/gain_db") > 0.0, "{lines}");
    assert_eq!(objects[0]["mastering"]["stages"]["equaliser"].as_array().map(Vec::len), Some(12));
    let printed = run(&[text(&quiet)]);
    assert!(printed.contains("LUFS") && printed.contains("gain +"), "{printed}");
}

//! What the listener chose for mastering, and what is shown of it.

use auralis_core::*;

use crate::desk::*;

fn set(enabled: Option<bool>, preset: Option<Preset>, intensity: Option<f32>, night: Option<f32>) -> Command {
    Command::SetMastering { enabled, preset, intensity, night }
}

#[test]
fn only_what_is_named_changes() {
    let mut desk = Desk::new();
    desk.run(set(Some(true), Some(Preset::Warm), Some(0.5), Some(0.25)));
    desk.run(set(None, None, Some(0.75), None));
    let wanted = MasteringSettings { enabled: true, preset: Preset::Warm, intensity: 0.75, night: 0.25 };
    assert_eq!(desk.view().mastering.settings, wanted);
}

#[test]
fn shares_outside_of_their_range_are_refused_by_name() {
    for share in [-0.01, 1.01, f32::NAN, f32::INFINITY] {
        let mut desk = Desk::new();
        let before = desk.view().mastering;
        desk.run(set(Some(true), None, Some(share), None)).run(set(Some(true), None, None, Some(share)));
        let fields: Vec<_> =
            desk.answers.iter().map(|answer| answer.as_ref().err().and_then(|refusal| refusal.field.clone())).collect();
        assert_eq!(fields, [Some("intensity".into()), Some("night".into())], "{share}");
        assert_eq!(desk.view().mastering, before, "{share}");
    }
}

#[test]
fn comparing_needs_something_to_compare_and_ends_with_it() {
    let mut desk = Desk::new();
    desk.run(Command::SetBypass { enabled: true });
    assert_eq!(desk.last_refusal(), Some(ErrorCode::NotPossible));
    desk.run(set(Some(true), None, None, None)).run(Command::SetBypass { enabled: true });
    assert!(desk.view().mastering.bypassed);
    desk.run(set(Some(false), None, None, None));
    assert!(!desk.view().mastering.bypassed);
}

#[test]
fn a_restart_brings_the_choice_back() {
    let mastering = MasteringSettings { enabled: true, preset: Preset::Live, intensity: 0.3, night: 1.0 };
    let desk = Desk::restored(RestoredState { mastering, ..RestoredState::default() });
    assert_eq!(desk.view().mastering.settings, mastering);
}

/// What the engine was told that mastering follows from, of the current stream and of the one behind it.
fn follows_from(desk: &Desk) -> Vec<AnalysisProfiles> {
    let streams = desk.current.iter().chain(&desk.prepared);
    streams.map(|(load, _)| desk.profiles[load].clone()).collect()
}

fn of_track(id: i64) -> AnalysisProfiles {
    AnalysisProfiles { track: Some(profile(id)), album: None }
}

fn of_album(id: i64) -> AnalysisProfiles {
    AnalysisProfiles { album: Some(profile(0)), ..of_track(id) }
}

fn mastered(desk: &mut Desk, load: LoadId, heard: ProcessingMode, steps: Vec<MasteringStep>) {
    desk.input(Input::Engine(EngineEvent::ProcessingChanged { load, mode: heard, steps }));
}

#[test]
fn the_engine_is_told_what_the_listener_chose() {
    let chosen = MasteringSettings { enabled: true, preset: Preset::Warm, ..MasteringSettings::default() };
    let mut desk = Desk::restored(RestoredState { mastering: chosen, ..RestoredState::default() });
    assert_eq!(desk.mastering, (chosen, false), "from the start");
    desk.run(set(None, Some(Preset::Live), None, None));
    assert_eq!(desk.mastering, (MasteringSettings { preset: Preset::Live, ..chosen }, false));
    desk.run(Command::SetBypass { enabled: true });
    assert!(desk.mastering.1);
    desk.run(set(Some(false), None, None, None));
    assert_eq!((desk.mastering.0.enabled, desk.mastering.1), (false, false));
}

#[test]
fn tracks_in_the_order_of_their_album_are_mastered_as_one_and_shuffled_ones_are_not() {
    let mut desk = Desk::new();
    desk.analysed.extend(1..=4);
    desk.singles.insert(4);
    desk.run(play(&[1, 2, 3, 4], 1));
    assert_eq!(follows_from(&desk), [of_album(2), of_album(3)]);
    desk.track_ends();
    assert_eq!(follows_from(&desk), [of_album(3), of_track(4)]);

    // What sounds stays as it is; what follows does not.
    let mut desk = Desk::new();
    desk.analysed.extend(1..=3);
    desk.run(play(&[1, 2, 3], 1));
    desk.run(Command::SetShuffle { enabled: true });
    let next = desk.prepared.expect("one follows").1;
    assert_eq!(follows_from(&desk), [of_album(2), of_track(next)]);
    desk.track_ends();
    assert_eq!(follows_from(&desk)[0], of_track(next));
}

/// A switch in its first moments would be heard.
#[test]
fn a_track_starts_with_all_that_is_known() {
    let mut desk = Desk::new();
    desk.analysed.extend(1..=3);
    desk.run(play(&[1, 2, 3], 1));
    desk.profiles_at_start.clear();
    desk.run(Command::Next {});
    assert_eq!(desk.profiles_at_start, [of_album(3)]);
}

#[test]
fn what_an_analysis_finds_reaches_the_stream_that_sounds() {
    let mut desk = Desk::playing(&[1, 2], 0);
    assert_eq!(follows_from(&desk), [AnalysisProfiles::default(), AnalysisProfiles::default()]);
    let library = desk.view().library;
    desk.analysed.extend([1, 2]);
    let state = AnalysisState { analysed: 3, total: 9, running: true };
    desk.input(Input::Library(LibraryEvent::Analysed { tracks: vec![TrackId(500), TrackId(1)], state }));
    assert_eq!(follows_from(&desk), [of_album(1), AnalysisProfiles::default()]);
    assert_eq!((desk.view().mastering.analysis, desk.view().library), (state, library), "no list is another for it");
}

#[test]
fn mastering_takes_the_place_of_equal_loudness_where_it_knows_the_track() {
    let gains = |desk: &Desk| -> Vec<f32> {
        desk.current.iter().chain(&desk.prepared).map(|(load, _)| desk.gains[load]).collect()
    };
    let mut desk = Desk::new();
    desk.analysed.insert(1);
    desk.run(play(&[1, 2], 0));
    assert_eq!(gains(&desk), [-20.0, -20.0]);
    desk.run(set(Some(true), None, None, None));
    assert_eq!((gains(&desk), desk.slow_ramp), (vec![0.0, -20.0], false));
    desk.run(Command::SetBypass { enabled: true });
    assert_eq!(gains(&desk), [0.0, -20.0]);
    desk.run(set(None, None, Some(0.0), None));
    assert_eq!(gains(&desk), [-20.0, -20.0]);

    // What becomes known while it sounds is no event.
    let mut desk = Desk::playing(&[1], 0);
    desk.run(set(Some(true), None, None, None));
    assert_eq!(gains(&desk), [-1.0]);
    desk.analysed.insert(1);
    let state = AnalysisState::default();
    desk.input(Input::Library(LibraryEvent::Analysed { tracks: vec![TrackId(1)], state }));
    assert_eq!((gains(&desk), desk.slow_ramp), (vec![0.0], true));
}

#[test]
fn what_is_shown_is_what_the_engine_does_to_the_current_track() {
    let steps = || vec![MasteringStep::Limiter { ceiling_dbtp: -1.0, reduction_db: 2.0 }];
    let shown = |desk: &Desk| (desk.view().mastering.mode, desk.view().mastering.steps);
    let mut desk = Desk::playing(&[1, 2], 0);
    assert_eq!(shown(&desk), (ProcessingMode::Unprocessed, vec![]));
    let (now, next) = (desk.current.expect("sounds").0, desk.prepared.expect("follows").0);
    mastered(&mut desk, next, ProcessingMode::Mastered, steps());
    assert_eq!(shown(&desk), (ProcessingMode::Unprocessed, vec![]));
    mastered(&mut desk, now, ProcessingMode::Generic, vec![MasteringStep::AnalysisPending {}]);
    assert_eq!(shown(&desk), (ProcessingMode::Generic, vec![MasteringStep::AnalysisPending {}]));
    desk.track_ends();
    assert_eq!(shown(&desk), (ProcessingMode::Mastered, steps()));
    // A stream that is gone has no say.
    mastered(&mut desk, now, ProcessingMode::Unprocessed, vec![]);
    assert_eq!(shown(&desk), (ProcessingMode::Mastered, steps()));
    desk.run(Command::Stop {});
    assert_eq!(shown(&desk), (ProcessingMode::Unprocessed, vec![]));
}

#[test]
fn the_way_of_the_sound_tells_of_mastering() {
    let mut desk = Desk::playing(&[1], 0);
    desk.run(change(SettingsPatch { normalization: Some(NormalizationMode::Off), ..Default::default() }));
    desk.run(Command::SetVolume { volume: 100 });
    let (id, name) = (OutputId("a".into()), "Speakers".to_owned());
    desk.input(Input::Engine(EngineEvent::Output(CurrentOutput::Open { id, name, rate_hz: 44_100, bits: 24 })));
    let load = desk.current.expect("sounds").0;
    for (heard, acts) in [
        (ProcessingMode::Unprocessed, false),
        (ProcessingMode::Generic, true),
        (ProcessingMode::Mastered, true),
        (ProcessingMode::MatchedBypass, false),
    ] {
        mastered(&mut desk, load, heard, vec![]);
        let signal = desk.view().signal.expect("a file is open");
        assert_eq!((signal.mastering, signal.bit_perfect), (acts, heard == ProcessingMode::Unprocessed), "{heard:?}");
    }
}

fn export(tracks: TrackSelection, folder: &str, bits: u8) -> Command {
    let (folder, format) = (folder.into(), RenderFormat::Flac);
    Command::ExportMastered(MasteredExport { tracks, folder, format, bits, album: true })
}

#[test]
fn an_export_runs_alone_and_is_shown_until_it_is_over() {
    let mut desk = Desk::playing(&[1, 2, 3], 0);
    let queue = desk.view().queue;
    desk.run(set(Some(false), Some(Preset::Warm), None, None));
    desk.run(export(ids(&[1, 2, 3]), "/new", 24));
    assert_eq!(desk.told(), "export 3 with Warm");
    assert_eq!(desk.view().export, Some(ExportProgress { done: 0, total: 3, fraction: 0.0 }));
    desk.run(export(ids(&[1]), "/new", 24));
    assert_eq!(desk.last_refusal(), Some(ErrorCode::NotPossible));

    let progress = Some(ExportProgress { done: 1, total: 3, fraction: 0.5 });
    desk.input(Input::ExportProgressed(progress));
    assert_eq!(desk.view().export, progress);
    desk.run(Command::CancelExport {});
    assert_eq!(desk.told(), "cancel the export");
    assert_eq!(desk.view().export, progress, "until it is over");
    desk.input(Input::ExportProgressed(None));
    desk.run(export(ids(&[1]), "/new", 16));
    assert_eq!((desk.told().as_str(), desk.view().queue), ("export 1 with Warm", queue));
}

#[test]
fn what_cannot_be_exported_is_refused() {
    for (command, code) in [
        (export(ids(&[1]), "new", 24), ErrorCode::OutOfRange),
        (export(ids(&[1]), "/new", 20), ErrorCode::OutOfRange),
        (export(ids(&[]), "/new", 24), ErrorCode::NotFound),
        (export(ids(&[1; 10_001]), "/new", 24), ErrorCode::OutOfRange),
    ] {
        let mut desk = Desk::new();
        desk.run(command);
        assert_eq!((desk.last_refusal(), desk.view().export), (Some(code), None));
    }
}

//! Mastering settings and their effect on the streams.

use auralis_core::*;

use crate::fixture::*;

fn set(enabled: Option<bool>, preset: Option<Preset>, intensity: Option<f32>, night: Option<f32>) -> Command {
    Command::SetMastering { enabled, preset, intensity, night }
}

#[test]
fn set_mastering_changes_only_given_fields() {
    let mut fixture = PlayerFixture::new();
    fixture.run(set(Some(true), Some(Preset::Warm), Some(0.5), Some(0.25)));
    fixture.run(set(None, None, Some(0.75), None));
    let wanted = MasteringSettings { enabled: true, preset: Preset::Warm, intensity: 0.75, night: 0.25 };
    assert_eq!(fixture.view().mastering.settings, wanted);
}

#[test]
fn out_of_range_fractions_are_rejected() {
    for share in [-0.01, 1.01, f32::NAN, f32::INFINITY] {
        let mut fixture = PlayerFixture::new();
        let before = fixture.view().mastering;
        fixture.run(set(Some(true), None, Some(share), None)).run(set(Some(true), None, None, Some(share)));
        let fields: Vec<_> = fixture
            .answers
            .iter()
            .map(|answer| answer.as_ref().err().and_then(|refusal| refusal.field.clone()))
            .collect();
        assert_eq!(fields, [Some("intensity".into()), Some("night".into())], "{share}");
        assert_eq!(fixture.view().mastering, before, "{share}");
    }
}

#[test]
fn bypass_needs_active_mastering_and_ends_with_it() {
    let mut fixture = PlayerFixture::new();
    fixture.run(Command::SetBypass { enabled: true });
    assert_eq!(fixture.last_error_code(), Some(ErrorCode::NotPossible));
    fixture.run(set(Some(true), None, None, None)).run(Command::SetBypass { enabled: true });
    assert!(fixture.view().mastering.bypassed);
    fixture.run(set(Some(false), None, None, None));
    assert!(!fixture.view().mastering.bypassed);
}

#[test]
fn mastering_settings_survive_a_restart() {
    let mastering = MasteringSettings { enabled: true, preset: Preset::Live, intensity: 0.3, night: 1.0 };
    let fixture = PlayerFixture::restored(RestoredState { mastering, ..RestoredState::default() });
    assert_eq!(fixture.view().mastering.settings, mastering);
}

/// The analyses sent for the current and the prepared stream.
fn sent_profiles(fixture: &PlayerFixture) -> Vec<AnalysisProfiles> {
    let streams = fixture.current.iter().chain(&fixture.prepared);
    streams.map(|(load, _)| fixture.profiles[load].clone()).collect()
}

fn of_track(id: i64) -> AnalysisProfiles {
    AnalysisProfiles { track: Some(profile(id)), album: None }
}

fn of_album(id: i64) -> AnalysisProfiles {
    AnalysisProfiles { album: Some(profile(0)), ..of_track(id) }
}

fn mastered(fixture: &mut PlayerFixture, load: LoadId, heard: ProcessingMode, steps: Vec<MasteringStep>) {
    fixture.input(Input::Engine(EngineEvent::ProcessingChanged { load, mode: heard, steps }));
}

#[test]
fn the_engine_gets_the_mastering_settings() {
    let chosen = MasteringSettings { enabled: true, preset: Preset::Warm, ..MasteringSettings::default() };
    let mut fixture = PlayerFixture::restored(RestoredState { mastering: chosen, ..RestoredState::default() });
    assert_eq!(fixture.mastering, (chosen, false), "from the start");
    fixture.run(set(None, Some(Preset::Live), None, None));
    assert_eq!(fixture.mastering, (MasteringSettings { preset: Preset::Live, ..chosen }, false));
    fixture.run(Command::SetBypass { enabled: true });
    assert!(fixture.mastering.1);
    fixture.run(set(Some(false), None, None, None));
    assert_eq!((fixture.mastering.0.enabled, fixture.mastering.1), (false, false));
}

#[test]
fn albums_in_order_share_a_profile_unless_shuffled() {
    let mut fixture = PlayerFixture::new();
    fixture.analysed.extend(1..=4);
    fixture.singles.insert(4);
    fixture.run(play(&[1, 2, 3, 4], 1));
    assert_eq!(sent_profiles(&fixture), [of_album(2), of_album(3)]);
    fixture.track_ends();
    assert_eq!(sent_profiles(&fixture), [of_album(3), of_track(4)]);

    // The playing stream keeps its profile; the next one does not.
    let mut fixture = PlayerFixture::new();
    fixture.analysed.extend(1..=3);
    fixture.run(play(&[1, 2, 3], 1));
    fixture.run(Command::SetShuffle { enabled: true });
    let next = fixture.prepared.expect("one follows").1;
    assert_eq!(sent_profiles(&fixture), [of_album(2), of_track(next)]);
    fixture.track_ends();
    assert_eq!(sent_profiles(&fixture)[0], of_track(next));
}

/// Otherwise the sound would change audibly just after the start.
#[test]
fn a_track_starts_with_its_known_profiles() {
    let mut fixture = PlayerFixture::new();
    fixture.analysed.extend(1..=3);
    fixture.run(play(&[1, 2, 3], 1));
    fixture.profiles_at_start.clear();
    fixture.run(Command::Next {});
    assert_eq!(fixture.profiles_at_start, [of_album(3)]);
}

#[test]
fn a_new_analysis_reaches_the_playing_stream() {
    let mut fixture = PlayerFixture::playing(&[1, 2], 0);
    assert_eq!(sent_profiles(&fixture), [AnalysisProfiles::default(), AnalysisProfiles::default()]);
    let library = fixture.view().library;
    fixture.analysed.extend([1, 2]);
    let state = AnalysisState { analysed: 3, total: 9, running: true };
    fixture.input(Input::Library(LibraryEvent::Analysed { tracks: vec![TrackId(500), TrackId(1)], state }));
    assert_eq!(sent_profiles(&fixture), [of_album(1), AnalysisProfiles::default()]);
    assert_eq!(
        (fixture.view().mastering.analysis, fixture.view().library),
        (state, library),
        "no list is another for it"
    );
}

#[test]
fn mastering_replaces_normalization_for_analysed_tracks() {
    let gains = |fixture: &PlayerFixture| -> Vec<f32> {
        fixture.current.iter().chain(&fixture.prepared).map(|(load, _)| fixture.gains[load]).collect()
    };
    let mut fixture = PlayerFixture::new();
    fixture.analysed.insert(1);
    fixture.run(play(&[1, 2], 0));
    assert_eq!(gains(&fixture), [-20.0, -20.0]);
    fixture.run(set(Some(true), None, None, None));
    assert_eq!((gains(&fixture), fixture.slow_ramp), (vec![0.0, -20.0], false));
    fixture.run(Command::SetBypass { enabled: true });
    assert_eq!(gains(&fixture), [0.0, -20.0]);
    fixture.run(set(None, None, Some(0.0), None));
    assert_eq!(gains(&fixture), [-20.0, -20.0]);

    // An analysis that arrives while the track plays uses the slow ramp.
    let mut fixture = PlayerFixture::playing(&[1], 0);
    fixture.run(set(Some(true), None, None, None));
    assert_eq!(gains(&fixture), [-1.0]);
    fixture.analysed.insert(1);
    let state = AnalysisState::default();
    fixture.input(Input::Library(LibraryEvent::Analysed { tracks: vec![TrackId(1)], state }));
    assert_eq!((gains(&fixture), fixture.slow_ramp), (vec![0.0], true));
}

#[test]
fn the_state_shows_the_processing_of_the_current_track() {
    let steps = || vec![MasteringStep::Limiter { ceiling_dbtp: -1.0, reduction_db: 2.0 }];
    let shown = |fixture: &PlayerFixture| (fixture.view().mastering.mode, fixture.view().mastering.steps);
    let mut fixture = PlayerFixture::playing(&[1, 2], 0);
    assert_eq!(shown(&fixture), (ProcessingMode::Unprocessed, vec![]));
    let (now, next) = (fixture.current.expect("sounds").0, fixture.prepared.expect("follows").0);
    mastered(&mut fixture, next, ProcessingMode::Mastered, steps());
    assert_eq!(shown(&fixture), (ProcessingMode::Unprocessed, vec![]));
    mastered(&mut fixture, now, ProcessingMode::Generic, vec![MasteringStep::AnalysisPending {}]);
    assert_eq!(shown(&fixture), (ProcessingMode::Generic, vec![MasteringStep::AnalysisPending {}]));
    fixture.track_ends();
    assert_eq!(shown(&fixture), (ProcessingMode::Mastered, steps()));
    // Events of dropped streams are ignored.
    mastered(&mut fixture, now, ProcessingMode::Unprocessed, vec![]);
    assert_eq!(shown(&fixture), (ProcessingMode::Mastered, steps()));
    fixture.run(Command::Stop {});
    assert_eq!(shown(&fixture), (ProcessingMode::Unprocessed, vec![]));
}

#[test]
fn the_signal_path_shows_mastering() {
    let mut fixture = PlayerFixture::playing(&[1], 0);
    fixture.run(change(SettingsPatch { normalization: Some(NormalizationMode::Off), ..Default::default() }));
    fixture.run(Command::SetVolume { volume: 100 });
    let (id, name) = (OutputId("a".into()), "Speakers".to_owned());
    fixture.input(Input::Engine(EngineEvent::Output(CurrentOutput::Open { id, name, rate_hz: 44_100, bits: 24 })));
    let load = fixture.current.expect("sounds").0;
    for (heard, acts) in [
        (ProcessingMode::Unprocessed, false),
        (ProcessingMode::Generic, true),
        (ProcessingMode::Mastered, true),
        (ProcessingMode::MatchedBypass, false),
    ] {
        mastered(&mut fixture, load, heard, vec![]);
        let signal = fixture.view().signal.expect("a file is open");
        assert_eq!((signal.mastering, signal.bit_perfect), (acts, heard == ProcessingMode::Unprocessed), "{heard:?}");
    }
}

fn export(tracks: TrackSelection, folder: &str, bits: u8) -> Command {
    let (folder, format) = (folder.into(), RenderFormat::Flac);
    Command::ExportMastered(MasteredExport { tracks, folder, format, bits, album: true })
}

#[test]
fn only_one_export_runs_and_its_progress_is_shown() {
    let mut fixture = PlayerFixture::playing(&[1, 2, 3], 0);
    let queue = fixture.view().queue;
    fixture.run(set(Some(false), Some(Preset::Warm), None, None));
    fixture.run(export(ids(&[1, 2, 3]), "/new", 24));
    assert_eq!(fixture.take_engine_log(), "export 3 with Warm");
    assert_eq!(fixture.view().export, Some(ExportProgress { done: 0, total: 3, fraction: 0.0 }));
    fixture.run(export(ids(&[1]), "/new", 24));
    assert_eq!(fixture.last_error_code(), Some(ErrorCode::NotPossible));

    let progress = Some(ExportProgress { done: 1, total: 3, fraction: 0.5 });
    fixture.input(Input::ExportProgressed(progress));
    assert_eq!(fixture.view().export, progress);
    fixture.run(Command::CancelExport {});
    assert_eq!(fixture.take_engine_log(), "cancel the export");
    assert_eq!(fixture.view().export, progress, "until it is over");
    fixture.input(Input::ExportProgressed(None));
    fixture.run(export(ids(&[1]), "/new", 16));
    assert_eq!((fixture.take_engine_log().as_str(), fixture.view().queue), ("export 1 with Warm", queue));
}

#[test]
fn invalid_exports_are_rejected() {
    for (command, code) in [
        (export(ids(&[1]), "new", 24), ErrorCode::OutOfRange),
        (export(ids(&[1]), "/new", 20), ErrorCode::OutOfRange),
        (export(ids(&[]), "/new", 24), ErrorCode::NotFound),
        (export(ids(&[1; 10_001]), "/new", 24), ErrorCode::OutOfRange),
    ] {
        let mut fixture = PlayerFixture::new();
        fixture.run(command);
        assert_eq!((fixture.last_error_code(), fixture.view().export), (Some(code), None));
    }
}

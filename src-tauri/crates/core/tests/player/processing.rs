//! Normalisation, crossfades, outputs and the signal path.

use auralis_core::*;

use crate::fixture::*;

fn open(id: &str, rate_hz: u32, bits: u32) -> Input {
    let (id, name) = (OutputId(id.into()), "Speakers".to_owned());
    Input::Engine(EngineEvent::Output(CurrentOutput::Open { id, name, rate_hz, bits }))
}

fn signal(fixture: &PlayerFixture) -> SignalPath {
    fixture.view().signal.expect("a file is open")
}

fn loudness(mode: NormalizationMode) -> Command {
    change(SettingsPatch { normalization: Some(mode), ..Default::default() })
}

fn current_gain(fixture: &PlayerFixture) -> f32 {
    fixture.gains[&fixture.current.expect("something sounds").0]
}

#[test]
fn tracks_next_to_their_album_use_its_loudness() {
    let mut fixture = PlayerFixture::new();
    fixture.singles.extend([5, 6]);
    fixture.run(play(&[5, 1, 2, 6], 0));
    let mut gains = Vec::new();
    for _ in 0..4 {
        gains.push((current_gain(&fixture), signal(&fixture).gain_source));
        if fixture.prepared.is_some() {
            fixture.track_ends();
        }
    }
    use GainSource::*;
    assert_eq!(gains, [(-5.0, Track), (-20.0, Album), (-20.0, Album), (-6.0, Track)]);
}

#[test]
fn normalization_settings_apply_at_once() {
    let mut fixture = PlayerFixture::playing(&[3, 4], 0);
    fixture.run(loudness(NormalizationMode::Track));
    assert_eq!(current_gain(&fixture), -3.0);
    let (next, _) = fixture.prepared.expect("4 is prepared");
    assert_eq!(fixture.gains[&next], -4.0);
    fixture.run(change(SettingsPatch { pre_amp_db: Some(2.0), ..Default::default() }));
    assert_eq!((current_gain(&fixture), signal(&fixture).gain_db), (-1.0, -1.0));
    fixture.run(change(SettingsPatch { pre_amp_db: Some(15.0), ..Default::default() }));
    assert_eq!((current_gain(&fixture), signal(&fixture).gain_limited), (0.0, true));
    fixture.run(loudness(NormalizationMode::Off));
    assert_eq!((current_gain(&fixture), signal(&fixture).gain_source), (0.0, GainSource::None));
}

#[test]
fn editing_the_queue_keeps_the_gain_of_the_playing_track() {
    let mut fixture = PlayerFixture::playing(&[1, 2], 0);
    assert_eq!(current_gain(&fixture), -20.0);
    let next = fixture.entry(1);
    fixture.run(Command::RemoveEntries { entries: vec![next] });
    assert_eq!(current_gain(&fixture), -20.0);
}

#[test]
fn crossfades_never_happen_within_an_album() {
    let mut fixture = PlayerFixture::new();
    fixture.singles.insert(3);
    fixture.run(change(SettingsPatch { crossfade_s: Some(4.0), ..Default::default() }));
    fixture.run(play(&[1, 2, 3], 0));
    assert_eq!(fixture.crossfade_s, 0.0);
    fixture.track_ends();
    assert_eq!(fixture.crossfade_s, 4.0);
    // A prepared stream follows the setting, too.
    fixture.take_engine_log();
    fixture.run(change(SettingsPatch { crossfade_s: Some(0.0), ..Default::default() }));
    assert_eq!((fixture.take_engine_log().as_str(), fixture.crossfade_s), ("prepare 3", 0.0));
}

#[test]
fn bit_perfect_is_shown_only_when_true() {
    let mut fixture = PlayerFixture::playing(&[1], 0);
    fixture.run(loudness(NormalizationMode::Off)).run(Command::SetVolume { volume: 100 });
    assert_eq!((signal(&fixture).source, signal(&fixture).output), (cd_format(), None));
    assert!(!signal(&fixture).bit_perfect);
    fixture.input(open("a", 44_100, 24));
    assert!(signal(&fixture).bit_perfect);
    let crossfade = |crossfade_s| change(SettingsPatch { crossfade_s: Some(crossfade_s), ..Default::default() });
    for (spoil, mend) in [
        (Command::SetVolume { volume: 99 }, Command::SetVolume { volume: 100 }),
        (Command::SetMuted { muted: true }, Command::SetMuted { muted: false }),
        (loudness(NormalizationMode::Track), loudness(NormalizationMode::Off)),
        (crossfade(1.0), crossfade(0.0)),
    ] {
        assert!(!signal(fixture.run(spoil.clone())).bit_perfect, "{spoil:?}");
        assert!(signal(fixture.run(mend)).bit_perfect, "{spoil:?}");
    }
    for (spoil, mend) in [((48_000, 24), (44_100, 16)), ((44_100, 8), (44_100, 24))] {
        assert!(!signal(fixture.input(open("a", spoil.0, spoil.1))).bit_perfect, "{spoil:?}");
        assert!(signal(fixture.input(open("a", mend.0, mend.1))).bit_perfect, "{spoil:?}");
    }
    let (load, _) = fixture.current.expect("1 sounds");
    for source in [
        SourceFormat { lossless: false, ..cd_format() },
        SourceFormat { channels: 6, ..cd_format() },
        SourceFormat { bits: Some(32), ..cd_format() },
        SourceFormat { rate_hz: 96_000, ..cd_format() },
    ] {
        fixture.input(Input::Engine(EngineEvent::Ready { load, duration_s: None, source }));
        assert!(!signal(&fixture).bit_perfect, "{:?}", signal(&fixture).source);
    }
    assert_eq!(signal(&fixture).resampled_hz, Some(44_100));
}

#[test]
fn dither_is_shown_for_16_bit_outputs_that_get_more_bits() {
    let mut fixture = PlayerFixture::playing(&[1], 0);
    fixture.run(loudness(NormalizationMode::Off)).run(Command::SetVolume { volume: 100 });
    fixture.input(open("a", 44_100, 16));
    assert_eq!((signal(&fixture).bit_perfect, signal(&fixture).dithered_bits), (true, None));
    fixture.run(Command::SetVolume { volume: 50 });
    assert_eq!((signal(&fixture).bit_perfect, signal(&fixture).dithered_bits), (false, Some(16)));
    fixture.input(open("b", 44_100, 24));
    assert_eq!(signal(&fixture).dithered_bits, None);
}

#[test]
fn the_chosen_output_is_kept_while_unavailable() {
    let output = |id: &str| OutputRow { id: OutputId(id.into()), name: id.to_uppercase(), is_default: id == "a" };
    let mut fixture = PlayerFixture::new();
    fixture.input(Input::Engine(EngineEvent::Outputs(vec![output("a"), output("b")])));
    let chosen = Some(OutputId("b".into()));
    fixture.run(Command::ChooseOutput { output: chosen.clone() });
    assert_eq!((&fixture.output, &fixture.view().settings.output), (&chosen, &chosen));
    fixture.input(Input::Engine(EngineEvent::Outputs(vec![output("a")])));
    assert_eq!(fixture.view().settings.output, chosen);

    let restored = RestoredState { settings: fixture.view().settings, ..RestoredState::default() };
    let mut again = PlayerFixture::restored(restored);
    assert_eq!(again.output, chosen);
    again.run(Command::ChooseOutput { output: None });
    assert_eq!((again.output, again.core.view().and_then(|view| view.settings.output)), (None, None));
}

#[test]
fn the_outputs_are_of_bounded_size() {
    let output =
        |n: usize| OutputRow { id: OutputId(format!("{n:0>128}")), name: "é\u{7}".repeat(500), is_default: true };
    let mut fixture = PlayerFixture::new();
    fixture.input(Input::Engine(EngineEvent::Outputs((0..100).map(output).collect())));
    let section = StateSection::Outputs(fixture.view().outputs);
    let message = serde_json::to_string(&StateUpdate { session: "0123abcd".into(), rev: 123_456, section });
    assert!(message.expect("serialises").len() < 4096);
}

#[test]
fn settings_from_a_file_are_clamped() {
    let settings = Settings { pre_amp_db: 99.0, crossfade_s: -3.0, ..Settings::default() };
    let fixture = PlayerFixture::restored(RestoredState { settings, ..RestoredState::default() });
    let settings = fixture.view().settings;
    assert_eq!((settings.pre_amp_db, settings.crossfade_s), (15.0, 0.0));
}

fn disconnected() -> Input {
    Input::Engine(EngineEvent::Output(CurrentOutput::Disconnected { reason: "The sound device is gone.".into() }))
}

#[test]
fn playback_resumes_when_the_output_is_back() {
    let mut fixture = PlayerFixture::playing(&[1], 0);
    fixture.input(open("usb", 48_000, 24)).input(disconnected());
    assert_eq!(fixture.view().player.transport, PlaybackState::Paused);
    fixture.now_s += 30.0;
    fixture.input(open("usb", 48_000, 24));
    assert_eq!(fixture.view().player.transport, PlaybackState::Playing);
    assert_eq!(fixture.take_engine_log(), "play");
}

#[test]
fn playback_does_not_resume_on_another_output_or_late_or_after_a_user_action() {
    let paused = |act: &dyn Fn(&mut PlayerFixture)| {
        let mut fixture = PlayerFixture::playing(&[1], 0);
        fixture.input(open("usb", 48_000, 24)).input(disconnected());
        act(&mut fixture);
        fixture.view().player.transport == PlaybackState::Paused
    };
    assert!(paused(&|fixture| {
        fixture.input(open("speakers", 48_000, 24));
    }));
    assert!(paused(&|fixture| {
        fixture.now_s += 61.0;
        fixture.input(open("usb", 48_000, 24));
    }));
    assert!(paused(&|fixture| {
        fixture.run(Command::Pause {});
        fixture.input(open("usb", 48_000, 24));
    }));
    // Another output in between does not change that.
    assert!(!paused(&|fixture| {
        fixture.input(open("speakers", 48_000, 24));
        fixture.now_s += 20.0;
        fixture.input(open("usb", 48_000, 24));
    }));
}

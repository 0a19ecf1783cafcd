//! Loudness, crossfades, outputs, and what clients are told of the way of the sound.

use auralis_core::*;

use crate::desk::*;

fn open(id: &str, rate_hz: u32, bits: u32) -> Input {
    let (id, name) = (OutputId(id.into()), "Speakers".to_owned());
    Input::Engine(EngineEvent::Output(CurrentOutput::Open { id, name, rate_hz, bits }))
}

fn signal(desk: &Desk) -> SignalPath {
    desk.view().signal.expect("a file is open")
}

fn loudness(mode: NormalizationMode) -> Command {
    change(SettingsPatch { normalization: Some(mode), ..Default::default() })
}

fn heard_gain(desk: &Desk) -> f32 {
    desk.gains[&desk.current.expect("something sounds").0]
}

#[test]
fn tracks_among_their_album_keep_its_loudness() {
    let mut desk = Desk::new();
    desk.singles.extend([5, 6]);
    desk.run(play(&[5, 1, 2, 6], 0));
    let mut gains = Vec::new();
    for _ in 0..4 {
        gains.push((heard_gain(&desk), signal(&desk).gain_source));
        if desk.prepared.is_some() {
            desk.track_ends();
        }
    }
    use GainSource::*;
    assert_eq!(gains, [(-5.0, Track), (-20.0, Album), (-20.0, Album), (-6.0, Track)]);
}

#[test]
fn the_loudness_follows_its_settings_at_once() {
    let mut desk = Desk::playing(&[3, 4], 0);
    desk.run(loudness(NormalizationMode::Track));
    assert_eq!(heard_gain(&desk), -3.0);
    let (next, _) = desk.prepared.expect("4 is prepared");
    assert_eq!(desk.gains[&next], -4.0);
    desk.run(change(SettingsPatch { pre_amp_db: Some(2.0), ..Default::default() }));
    assert_eq!((heard_gain(&desk), signal(&desk).gain_db), (-1.0, -1.0));
    desk.run(change(SettingsPatch { pre_amp_db: Some(15.0), ..Default::default() }));
    assert_eq!((heard_gain(&desk), signal(&desk).gain_limited), (0.0, true));
    desk.run(loudness(NormalizationMode::Off));
    assert_eq!((heard_gain(&desk), signal(&desk).gain_source), (0.0, GainSource::None));
}

#[test]
fn editing_the_queue_does_not_change_how_loud_the_heard_track_is() {
    let mut desk = Desk::playing(&[1, 2], 0);
    assert_eq!(heard_gain(&desk), -20.0);
    let next = desk.entry(1);
    desk.run(Command::RemoveEntries { entries: vec![next] });
    assert_eq!(heard_gain(&desk), -20.0);
}

#[test]
fn crossfades_never_happen_within_an_album() {
    let mut desk = Desk::new();
    desk.singles.insert(3);
    desk.run(change(SettingsPatch { crossfade_s: Some(4.0), ..Default::default() }));
    desk.run(play(&[1, 2, 3], 0));
    assert_eq!(desk.crossfade_s, 0.0);
    desk.track_ends();
    assert_eq!(desk.crossfade_s, 4.0);
    // What is prepared already follows the setting, too.
    desk.told();
    desk.run(change(SettingsPatch { crossfade_s: Some(0.0), ..Default::default() }));
    assert_eq!((desk.told().as_str(), desk.crossfade_s), ("prepare 3", 0.0));
}

#[test]
fn bit_perfect_is_said_only_when_it_is_true() {
    let mut desk = Desk::playing(&[1], 0);
    desk.run(loudness(NormalizationMode::Off)).run(Command::SetVolume { volume: 100 });
    assert_eq!((signal(&desk).source, signal(&desk).output), (cd(), None));
    assert!(!signal(&desk).bit_perfect);
    desk.input(open("a", 44_100, 24));
    assert!(signal(&desk).bit_perfect);
    let crossfade = |crossfade_s| change(SettingsPatch { crossfade_s: Some(crossfade_s), ..Default::default() });
    for (spoil, mend) in [
        (Command::SetVolume { volume: 99 }, Command::SetVolume { volume: 100 }),
        (Command::SetMuted { muted: true }, Command::SetMuted { muted: false }),
        (loudness(NormalizationMode::Track), loudness(NormalizationMode::Off)),
        (crossfade(1.0), crossfade(0.0)),
    ] {
        assert!(!signal(desk.run(spoil.clone())).bit_perfect, "{spoil:?}");
        assert!(signal(desk.run(mend)).bit_perfect, "{spoil:?}");
    }
    for (spoil, mend) in [((48_000, 24), (44_100, 16)), ((44_100, 8), (44_100, 24))] {
        assert!(!signal(desk.input(open("a", spoil.0, spoil.1))).bit_perfect, "{spoil:?}");
        assert!(signal(desk.input(open("a", mend.0, mend.1))).bit_perfect, "{spoil:?}");
    }
    let (load, _) = desk.current.expect("1 sounds");
    for source in [
        SourceFormat { lossless: false, ..cd() },
        SourceFormat { channels: 6, ..cd() },
        SourceFormat { bits: Some(32), ..cd() },
        SourceFormat { rate_hz: 96_000, ..cd() },
    ] {
        desk.input(Input::Engine(EngineEvent::Ready { load, duration_s: None, source }));
        assert!(!signal(&desk).bit_perfect, "{:?}", signal(&desk).source);
    }
    assert_eq!(signal(&desk).resampled_hz, Some(44_100));
}

#[test]
fn dither_is_said_where_an_output_of_16_bits_is_given_more() {
    let mut desk = Desk::playing(&[1], 0);
    desk.run(loudness(NormalizationMode::Off)).run(Command::SetVolume { volume: 100 });
    desk.input(open("a", 44_100, 16));
    assert_eq!((signal(&desk).bit_perfect, signal(&desk).dithered_bits), (true, None));
    desk.run(Command::SetVolume { volume: 50 });
    assert_eq!((signal(&desk).bit_perfect, signal(&desk).dithered_bits), (false, Some(16)));
    desk.input(open("b", 44_100, 24));
    assert_eq!(signal(&desk).dithered_bits, None);
}

#[test]
fn the_chosen_output_is_kept_also_while_it_is_not_there() {
    let output = |id: &str| OutputRow { id: OutputId(id.into()), name: id.to_uppercase(), is_default: id == "a" };
    let mut desk = Desk::new();
    desk.input(Input::Engine(EngineEvent::Outputs(vec![output("a"), output("b")])));
    let chosen = Some(OutputId("b".into()));
    desk.run(Command::ChooseOutput { output: chosen.clone() });
    assert_eq!((&desk.output, &desk.view().settings.output), (&chosen, &chosen));
    desk.input(Input::Engine(EngineEvent::Outputs(vec![output("a")])));
    assert_eq!(desk.view().settings.output, chosen);

    let restored = RestoredState { settings: desk.view().settings, ..RestoredState::default() };
    let mut again = Desk::restored(restored);
    assert_eq!(again.output, chosen);
    again.run(Command::ChooseOutput { output: None });
    assert_eq!((again.output, again.core.view().and_then(|view| view.settings.output)), (None, None));
}

#[test]
fn the_outputs_are_of_bounded_size() {
    let output =
        |n: usize| OutputRow { id: OutputId(format!("{n:0>128}")), name: "é\u{7}".repeat(500), is_default: true };
    let mut desk = Desk::new();
    desk.input(Input::Engine(EngineEvent::Outputs((0..100).map(output).collect())));
    let section = StateSection::Outputs(desk.view().outputs);
    let message = serde_json::to_string(&StateUpdate { session: "0123abcd".into(), rev: 123_456, section });
    assert!(message.expect("serialises").len() < 4096);
}

#[test]
fn settings_from_a_file_are_brought_into_range() {
    let settings = Settings { pre_amp_db: 99.0, crossfade_s: -3.0, ..Settings::default() };
    let desk = Desk::restored(RestoredState { settings, ..RestoredState::default() });
    let settings = desk.view().settings;
    assert_eq!((settings.pre_amp_db, settings.crossfade_s), (15.0, 0.0));
}

fn lost() -> Input {
    Input::Engine(EngineEvent::Output(CurrentOutput::Disconnected { reason: "The sound device is gone.".into() }))
}

#[test]
fn what_a_lost_output_interrupted_goes_on_when_it_is_back() {
    let mut desk = Desk::playing(&[1], 0);
    desk.input(open("usb", 48_000, 24)).input(lost());
    assert_eq!(desk.view().player.transport, PlaybackState::Paused);
    desk.now_s += 30.0;
    desk.input(open("usb", 48_000, 24));
    assert_eq!(desk.view().player.transport, PlaybackState::Playing);
    assert_eq!(desk.told(), "play");
}

#[test]
fn it_does_not_at_another_output_nor_late_nor_after_the_listener_acted() {
    let paused = |act: &dyn Fn(&mut Desk)| {
        let mut desk = Desk::playing(&[1], 0);
        desk.input(open("usb", 48_000, 24)).input(lost());
        act(&mut desk);
        desk.view().player.transport == PlaybackState::Paused
    };
    assert!(paused(&|desk| {
        desk.input(open("speakers", 48_000, 24));
    }));
    assert!(paused(&|desk| {
        desk.now_s += 61.0;
        desk.input(open("usb", 48_000, 24));
    }));
    assert!(paused(&|desk| {
        desk.run(Command::Pause {});
        desk.input(open("usb", 48_000, 24));
    }));
    // Speakers in between do not make it forget the headphones.
    assert!(!paused(&|desk| {
        desk.input(open("speakers", 48_000, 24));
        desk.now_s += 20.0;
        desk.input(open("usb", 48_000, 24));
    }));
}

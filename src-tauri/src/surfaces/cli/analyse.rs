//! `auralis analyse`: measures files and shows what mastering would do to them.

use std::io::{self, Write};
use std::path::PathBuf;

use auralis_core::{AudioProfile, MasteringSettings, MasteringStep};
use auralis_dsp::{Decision, EQUALISER_HZ, Findings, decide, examine};
use clap::Args;
use serde_json::{Value, json};

use super::{CliError, master::PresetArg};
use crate::app::mastering_export::ExportError;

/// Arguments of `auralis analyse`.
#[derive(Debug, Args)]
pub struct Analyse {
    /// Audio files
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Print everything as JSON, one object per file
    #[arg(long)]
    json: bool,
    /// Preset of the mastering that is shown
    #[arg(long, value_enum, default_value_t = PresetArg::Adaptive)]
    preset: PresetArg,
}

impl Analyse {
    /// Prints the analysis of each file as soon as it is done.
    pub fn run(self) -> Result<(), CliError> {
        let settings = MasteringSettings { enabled: true, preset: self.preset.into(), ..MasteringSettings::default() };
        let mut out = io::stdout();
        for path in self.files {
            let analysis = auralis_audio::analyse(&path, None, || false)
                .map_err(|reason| ExportError::File { path: path.clone(), reason: reason.to_string() })?
                .ok_or(ExportError::Cancelled)?;
            let profile = analysis.profile;
            let (findings, decision) = (examine(&profile, None), decide(&settings, Some(&profile), None));
            let file = path.to_string_lossy();
            if self.json {
                writeln!(out, "{}", to_json(&file, &profile, &findings, &decision))?;
            } else {
                write!(out, "{}", to_text(&file, &profile, &decision))?;
            }
        }
        Ok(())
    }
}

/// Everything that is known of a file. Other measurements are added as further keys.
fn to_json(file: &str, profile: &AudioProfile, findings: &Findings, decision: &Decision) -> Value {
    let parameters = &decision.parameters;
    let sections = EQUALISER_HZ.iter().zip(parameters.equaliser_db);
    let equaliser: Vec<_> = sections.map(|(hz, gain_db)| json!({ "hz": hz, "gain_db": gain_db })).collect();
    let active = parameters.bands.iter().filter(|band| band.is_active());
    let compressor: Vec<_> = active
        .map(|band| {
            json!({
                "threshold_db": band.threshold_db, "ratio": band.ratio, "attack_s": band.attack_s,
                "release_s": band.release_s, "makeup_db": band.makeup_db,
            })
        })
        .collect();
    let fault = findings.tone.as_ref().map(|fault| {
        json!({
            "fault": fault.kind, "certainty": fault.certainty, "corner_hz": fault.corner_hz,
            "deviation_db": fault.deviation_db,
        })
    });
    json!({
        "file": file,
        "duration_s": profile.duration_s,
        "loudness": {
            "integrated_lufs": profile.integrated_lufs,
            "range_lu": profile.range_lu,
            "true_peak_dbtp": profile.true_peak_dbtp,
            "sample_peak_dbfs": profile.sample_peak_dbfs,
            "momentary_max_lufs": profile.momentary_max_lufs,
            "short_term_max_lufs": profile.short_term_max_lufs,
        },
        "findings": {
            "tone": fault,
            "width": { "side_db": findings.width.side_db, "narrow_certainty": findings.width.certainty },
        },
        "mastering": {
            "left_as_it_is": decision.steps.contains(&MasteringStep::NoChange {}),
            "loudness_change_lu": decision.loudness_change_db,
            "steps": decision.steps,
            "stages": {
                "gain_db": parameters.gain_db,
                "equaliser": equaliser,
                "width": parameters.width,
                "compressor": compressor,
            },
        },
    })
}

fn to_text(file: &str, profile: &AudioProfile, decision: &Decision) -> String {
    let mut text = format!(
        "{file}\n  {:.1} LUFS, range {:.1} LU, true peak {:.1} dBTP\n",
        profile.integrated_lufs, profile.range_lu, profile.true_peak_dbtp
    );
    for step in &decision.steps {
        let line = match step {
            MasteringStep::AnalysisPending {} => "silent: not mastered".to_owned(),
            MasteringStep::NoChange {} => "well made: tone, dynamics and width are left as they are".to_owned(),
            MasteringStep::Loudness { gain_db, target_lufs, .. } => {
                format!("gain {gain_db:+.1} dB (target {target_lufs:.0} LUFS)")
            }
            MasteringStep::ToneFault { fault, corner_hz, deviation_db, gain_db, certainty } => {
                let (fault, percent) = (format!("{fault:?}").to_lowercase(), certainty * 100.0);
                format!(
                    "{fault} by {deviation_db:+.1} dB from {corner_hz:.0} Hz ({percent:.0} % sure): {gain_db:+.1} dB"
                )
            }
            MasteringStep::Tone { range, gain_db, .. } => {
                format!("{} {gain_db:+.1} dB, from the preset", format!("{range:?}").to_lowercase())
            }
            MasteringStep::Dynamics { ratio, .. } => format!("compressed {ratio:.1}:1, from the preset"),
            MasteringStep::Night { ratio, .. } => format!("night mode {ratio:.1}:1"),
            MasteringStep::Width { factor, certainty: Some(certainty), .. } => {
                format!("narrow ({:.0} % sure): widened to {:.0} %", certainty * 100.0, factor * 100.0)
            }
            MasteringStep::Width { factor, .. } => format!("width {:.0} %, from the preset", factor * 100.0),
            MasteringStep::Limiter { reduction_db, .. } if *reduction_db > 0.05 => {
                format!("limiter: peaks lowered by up to {reduction_db:.1} dB")
            }
            MasteringStep::Limiter { .. } => "limiter: idle".to_owned(),
        };
        text.push_str(&format!("  {line}\n"));
    }
    text
}

// Low-pass filter by editing a spectrogram, with only a TorchScript STFT and libtorch:
//   lowpass STFT.pt IN.wav OUT.wav CUTOFF_HZ
// STFT.pt is an STFT saved by nnaudio2_deploy.save(..., format="torchscript"); see README.md.
#include <torch/script.h>

#include <iostream>

#include "wav.h"

torch::Tensor lowpass(torch::jit::Module& stft, const torch::Tensor& waveform, double cutoff) {
    torch::InferenceMode no_gradients;
    torch::Tensor spectrum = stft.forward({waveform}).toTensor();  // (channels, bins, frames, 2)
    const int64_t bins = spectrum.size(1);
    spectrum = spectrum.clone();
    spectrum.slice(1, int64_t(cutoff * bins) + 1, bins).zero_();
    const auto inverse = stft.get_method("inverse");
    return inverse({spectrum, /*onesided=*/true, /*length=*/waveform.size(1)}).toTensor();
}

int main(int argc, char** argv) {
    if (argc != 5) {
        std::cerr << "usage: lowpass STFT.pt IN.wav OUT.wav CUTOFF_HZ\n";
        return 2;
    }
    try {
        torch::jit::Module stft = torch::jit::load(argv[1]);
        Wav wav = read_wav(argv[2], /*most_channels=*/8);
        const double cutoff = std::stod(argv[4]) / (wav.rate / 2.0);
        if (!(0 < cutoff && cutoff < 1)) throw std::runtime_error("CUTOFF_HZ must lie between 0 and half the rate");
        const int64_t time = int64_t(wav.samples.size()) / wav.channels;
        const torch::Tensor waveforms =
            torch::from_blob(wav.samples.data(), {time, wav.channels}).t().contiguous();  // (channels, time)
        const torch::Tensor result = lowpass(stft, waveforms, cutoff).t().contiguous();
        wav.samples.assign(result.data_ptr<float>(), result.data_ptr<float>() + result.numel());
        write_wav(argv[3], wav);
    } catch (const std::exception& error) {
        std::cerr << "lowpass: " << error.what() << "\n";
        return 1;
    }
}

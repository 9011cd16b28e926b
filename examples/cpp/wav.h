// The little of WAV that these examples need: float32 or 16-bit samples, those of the channels in turn.
#pragma once

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

struct Wav {
    int32_t rate = 0;
    int16_t channels = 1;
    std::vector<float> samples;
};

template <typename T>
T read_at(const std::vector<char>& bytes, size_t place) {
    if (place + sizeof(T) > bytes.size()) throw std::runtime_error("the file ends too early");
    T value;
    std::memcpy(&value, bytes.data() + place, sizeof(T));
    return value;
}

inline Wav read_wav(const std::string& path, int16_t most_channels = 1) {
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    if (bytes.size() < 12 || std::memcmp(bytes.data() + 8, "WAVE", 4) != 0)
        throw std::runtime_error(path + " is not a WAV file");
    Wav wav;
    int16_t kind = 0, bits = 0;
    for (size_t chunk = 12; chunk + 8 <= bytes.size();) {
        const std::string name(bytes.data() + chunk, 4);
        const size_t size = read_at<uint32_t>(bytes, chunk + 4), data = chunk + 8;
        if (name == "fmt ") {
            kind = read_at<int16_t>(bytes, data);
            wav.channels = read_at<int16_t>(bytes, data + 2);
            wav.rate = read_at<int32_t>(bytes, data + 4);
            bits = read_at<int16_t>(bytes, data + 14);
        } else if (name == "data") {
            if (wav.channels < 1 || wav.channels > most_channels)
                throw std::runtime_error(path + " must have at most " + std::to_string(most_channels) + " channels");
            if (!((kind == 3 && bits == 32) || (kind == 1 && bits == 16)))
                throw std::runtime_error(path + " must have float32 or 16-bit samples");
            for (size_t i = 0; i < size / (bits / 8); i++)
                wav.samples.push_back(bits == 32 ? read_at<float>(bytes, data + 4 * i)
                                                 : read_at<int16_t>(bytes, data + 2 * i) / 32768.0f);
            return wav;
        }
        chunk = data + size + size % 2;
    }
    throw std::runtime_error(path + " holds no samples");
}

inline void write_wav(const std::string& path, const Wav& wav) {
    std::ofstream file(path, std::ios::binary);
    const auto put = [&file](auto value) { file.write(reinterpret_cast<const char*>(&value), sizeof(value)); };
    const uint32_t size = 4 * wav.samples.size();
    file << "RIFF";
    put(uint32_t(36 + size));
    file << "WAVEfmt ";
    put(uint32_t(16));
    put(int16_t(3));  // float32
    put(wav.channels);
    put(wav.rate);
    put(uint32_t(4 * wav.channels * wav.rate));
    put(int16_t(4 * wav.channels));
    put(int16_t(32));
    file << "data";
    put(size);
    file.write(reinterpret_cast<const char*>(wav.samples.data()), size);
    if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

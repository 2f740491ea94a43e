// Two analogue channels (for example the envelope or raw outputs of two EMG amplifiers) as glutebal binary frames.
//
// Any board with the ArduinoBLE library: Nano 33 BLE, Nano 33 IoT, UNO R4 WiFi, Portenta, Nano ESP32 ...
// Library Manager: install "ArduinoBLE". Amplifier outputs to A0 and A1, grounds together.
// NEVER connect electrodes and a mains-powered computer to a person: run the board from a battery.
//
// The frame (little-endian), documented in glutebal/ingest/drivers/diy_binary.py:
//   u8 version = 1, u8 what, u8 channels, u8 n, u16 number, u32 stamp_us, u32 period_us, f32 scale,
//   i16 samples[n][channels], u16 CRC-16/CCITT-FALSE of everything before it

#include <ArduinoBLE.h>

const char *NAME = "glutebal-left";          // give every board its own name
const byte WHAT = 1;                         // 0 counts, 1 EMG in V, 2 force in N, 3 acceleration, 4 angular rate
const byte CHANNELS = 2;                     // 1 to 8
const int PINS[CHANNELS] = {A0, A1};
const uint32_t PERIOD_US = 1000;             // 1000 samples per second and channel
const byte N = 40;                           // samples per frame: 40 ms, 180 bytes
const int ADC_BITS = 12;
const int MIDDLE = 1 << (ADC_BITS - 1);      // the amplifier's output at rest, in counts
const float VOLT_PER_COUNT = 3.3f / (1 << ADC_BITS);
const float GAIN = 1000.0f;                  // of the amplifier: the scale is volts at the electrodes
const float SCALE = VOLT_PER_COUNT / GAIN;

const int HEADER = 18;
const int LENGTH = HEADER + 2 * N * CHANNELS + 2;
static_assert(LENGTH <= 244, "a frame must fit one notification: lower N");

BLEService service("5b2f0001-6c3a-4d8e-9b41-7a0c1de2f350");
BLECharacteristic frames("5b2f0002-6c3a-4d8e-9b41-7a0c1de2f350", BLENotify, LENGTH);

byte frame[LENGTH];
byte filled = 0;          // samples in the frame
uint16_t number = 0;      // frames sent
uint32_t next_us;         // when the next sample is due

void put(int at, const void *value, int size) {  // all ArduinoBLE boards are little-endian
  memcpy(frame + at, value, size);
}

uint16_t crc16(const byte *data, int n) {
  uint16_t crc = 0xFFFF;
  for (int i = 0; i < n; i++) {
    crc ^= (uint16_t)data[i] << 8;
    for (int bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  }
  return crc;
}

void begin_frame(uint32_t stamp_us) {
  const byte head[4] = {1, WHAT, CHANNELS, N};
  put(0, head, 4);
  put(4, &number, 2);
  put(6, &stamp_us, 4);
  put(10, &PERIOD_US, 4);
  put(14, &SCALE, 4);
}

void sample() {
  for (int channel = 0; channel < CHANNELS; channel++) {
    int16_t count = analogRead(PINS[channel]) - MIDDLE;
    put(HEADER + 2 * (filled * CHANNELS + channel), &count, 2);
  }
  filled++;
}

void send() {
  uint16_t crc = crc16(frame, LENGTH - 2);
  put(LENGTH - 2, &crc, 2);
  frames.writeValue(frame, LENGTH);
  number++;
  filled = 0;
}

void setup() {
  analogReadResolution(ADC_BITS);
  while (!BLE.begin()) delay(1000);
  BLE.setLocalName(NAME);
  BLE.setDeviceName(NAME);
  service.addCharacteristic(frames);
  BLE.setAdvertisedService(service);
  BLE.addService(service);
  BLE.setConnectionInterval(6, 12);  // 7.5 to 15 ms
  BLE.advertise();
  next_us = micros();
}

void loop() {
  BLE.poll();
  uint32_t now_us = micros();
  if ((int32_t)(now_us - next_us) < 0) return;
  if (now_us - next_us > PERIOD_US) {  // the radio took too long: start a new frame instead of inventing samples
    next_us = now_us;
    filled = 0;
  }
  if (filled == 0) begin_frame(next_us);
  sample();
  next_us += PERIOD_US;
  if (filled == N) {
    if (frames.subscribed()) {
      send();
    } else {
      filled = 0;
    }
  }
}

"""The part of libvkvmaf's C interface that is used here, as include/vkvmaf/vkvmaf.h declares it.

A test holds names, sizes, offsets and constants against the header; this file imports nothing else for its sake.
"""
import ctypes
from ctypes import c_char_p, c_double, c_int, c_ssize_t, c_uint32, c_uint64, c_void_p

VERSION_MAJOR = 0
VERSION_MINOR = 1

OK = 0
AGAIN = 1
END = 2

FAMILY_DEFAULT = 1

LOG_ERROR = 0
LOG_WARNING = 1

DEVICE_OTHER = 0
DEVICE_INTEGRATED_GPU = 1
DEVICE_DISCRETE_GPU = 2
DEVICE_VIRTUAL_GPU = 3
DEVICE_SOFTWARE = 4
DEVICE_CPU_REFERENCE = 5

COLUMN_FEATURE = 0
COLUMN_SCORE = 1
COLUMN_STATISTIC = 2

MODEL_ONNX = 1
MODEL_LIBVMAF = 2
MODEL_DISABLE_CLIP = 1
MODEL_ENABLE_TRANSFORM = 2

LogFn = ctypes.CFUNCTYPE(None, c_void_p, c_int, c_char_p)


class Log(ctypes.Structure):
    _fields_ = [("fn", LogFn), ("user", c_void_p)]


def _pointer(struct):
    return ctypes.POINTER(struct)


def _list(struct):
    """An array of pointers, as the library shows descriptions."""
    return ctypes.POINTER(ctypes.POINTER(struct))


class DeviceInfo(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("index", c_uint32), ("type", c_uint32), ("api_version", c_uint32),
                ("meets_baseline", c_uint32), ("reserved", c_uint32), ("name", c_char_p), ("driver", c_char_p),
                ("uuid", c_char_p), ("form", c_char_p), ("reason", c_char_p)]


class DeviceParams(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("form", c_uint32), ("select", c_char_p), ("log", Log),
                ("get_instance_proc_addr", c_void_p), ("validation", c_uint32), ("skip_probe", c_uint32),
                ("cache_dir", c_char_p)]


class OptionInfo(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("flags", c_uint32), ("name", c_char_p), ("values", c_char_p),
                ("default_value", c_char_p), ("summary", c_char_p)]


class FamilyInfo(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("n_options", c_uint32), ("n_columns", c_uint32), ("flags", c_uint32),
                ("name", c_char_p), ("summary", c_char_p), ("options", _list(OptionInfo)),
                ("columns", _pointer(c_char_p))]


class Request(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("reserved", c_uint32), ("family", c_char_p), ("options", c_char_p)]


class Column(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("kind", c_uint32), ("model", c_uint32), ("request", c_uint32),
                ("delay", c_uint32), ("flags", c_uint32), ("name", c_char_p)]


class ModelParams(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("format", c_uint32), ("path", c_char_p), ("log", Log), ("quant", c_uint32),
                ("flags", c_uint32), ("name", c_char_p), ("overrides", _pointer(Request)), ("n_overrides", c_uint32),
                ("verify", c_uint32), ("verify_key", c_char_p), ("cosign", c_char_p), ("id", c_char_p),
                ("registry", c_char_p), ("models_dir", c_char_p), ("jail", c_char_p), ("root", c_char_p)]


class ModelInfo(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("format", c_uint32), ("name", c_char_p), ("version", c_char_p),
                ("kind", c_char_p), ("type", c_char_p), ("quant_mode", c_char_p), ("file", c_char_p),
                ("sha256", c_char_p), ("n_inputs", c_uint32), ("n_outputs", c_uint32), ("n_requests", c_uint32),
                ("has_transform", c_uint32), ("inputs", _pointer(c_char_p)), ("outputs", _list(Column)),
                ("requests", _list(Request)), ("n_layers", c_uint32), ("n_parameters", c_uint32),
                ("widths", _pointer(c_uint32)), ("graph_input", c_char_p), ("graph_output", c_char_p)]


class ScorerParams(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("width", c_uint32), ("height", c_uint32), ("bit_depth", c_uint32),
                ("n_distorted", c_uint32), ("n_requests", c_uint32), ("requests", _pointer(Request)),
                ("models", _pointer(c_void_p)), ("n_models", c_uint32), ("frames_in_flight", c_uint32),
                ("chroma", c_uint32), ("reserved", c_uint32)]


class Plane(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("shift", c_uint32), ("data", c_void_p), ("stride_bytes", c_ssize_t),
                ("step", c_uint32), ("reserved", c_uint32), ("memory", c_void_p)]


class Picture(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("n_planes", c_uint32), ("planes", _pointer(Plane))]


STRUCTS = {"vkv_log": Log, "vkv_device_info": DeviceInfo, "vkv_device_params": DeviceParams,
           "vkv_option_info": OptionInfo, "vkv_family_info": FamilyInfo, "vkv_request": Request,
           "vkv_column": Column, "vkv_model_params": ModelParams, "vkv_model_info": ModelInfo,
           "vkv_scorer_params": ScorerParams, "vkv_plane": Plane, "vkv_picture": Picture}


# name: result, arguments. Handles are c_void_p.
FUNCTIONS = {
    "vkv_version": (c_char_p, []),
    "vkv_strerror": (c_char_p, [c_int]),
    "vkv_device_list": (c_int, [_pointer(DeviceParams), _pointer(_list(DeviceInfo)), _pointer(c_uint32)]),
    "vkv_device_list_free": (None, [_pointer(_list(DeviceInfo))]),
    "vkv_family_list": (_list(FamilyInfo), [_pointer(c_uint32)]),
    "vkv_device_open": (c_int, [_pointer(DeviceParams), _pointer(c_void_p)]),
    "vkv_device_close": (None, [_pointer(c_void_p)]),
    "vkv_device_get_info": (_pointer(DeviceInfo), [c_void_p]),
    "vkv_model_open": (c_int, [_pointer(ModelParams), _pointer(c_void_p)]),
    "vkv_model_close": (None, [_pointer(c_void_p)]),
    "vkv_model_get_info": (_pointer(ModelInfo), [c_void_p]),
    "vkv_scorer_create": (c_int, [c_void_p, _pointer(ScorerParams), _pointer(c_void_p)]),
    "vkv_scorer_destroy": (None, [_pointer(c_void_p)]),
    "vkv_scorer_columns": (_list(Column), [c_void_p, _pointer(c_uint32)]),
    "vkv_scorer_push": (c_int, [c_void_p, _pointer(Picture), _pointer(Picture)]),
    "vkv_scorer_pull": (c_int, [c_void_p, _pointer(c_uint64), _pointer(c_double)]),
    "vkv_scorer_flush": (c_int, [c_void_p]),
}


def declare(library: ctypes.CDLL) -> ctypes.CDLL:
    """Gives every function its types."""
    for name, (result, arguments) in FUNCTIONS.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    return library
